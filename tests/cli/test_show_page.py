"""`show --html`: the listing as a page, from the service and from the preview of a program."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from provider.tools.emulators import RunningEmulator
from tests.cli.command import COMMAND, Command
from tests.cli.listing_pages import UNKNOWN, offer_preview, text_of, write_page
from tests.cli.publisher import OFFER, SECOND_TITLE, TITLE, VAULT, Publisher
from tests.resources.harness import Declaration, Ref

from pulumi_partnercenter import LeadDestination, ListingVideo

PLANTED = "planted-7f3a9c-secret"
SHA_OF_NOTHING = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def embedded_pictures(page: str) -> list[bytes]:
    return [base64.b64decode(data) for data in re.findall(r'src="data:image/png;base64,([^"]+)"', page)]


class TestService:
    def test_a_draft_is_shown_with_texts_pictures_prices_contacts_and_links(
        self, publisher: Publisher, partnercenter: Command
    ) -> None:
        prices = [
            {"amount": 49, "per": "month"},
            {"amount": 45, "currency": "EUR", "per": "month", "markets": ["DE"]},
        ]
        publisher.change("gold-pricing", markets=["US", "DE"], prices=prices)
        publisher.save_draft()
        page = write_page(partnercenter)
        text = text_of(page)
        for part in (
            f"Listing of {OFFER}",
            "Shows the draft in Partner Center.",
            "Nothing of this offer was ever submitted.",
            "Moves old files to cold storage, and back.",
            "per month 49 USD every other market",
            "per month 45 EUR DE",
            "CustomerSupport Contoso · help@contoso.example.com · +1 555 0100",
            "storage-azure-apps: backup-and-recovery",
        ):
            assert part in text
        assert '<a href="https://contoso.example.com/privacy" rel="noopener nofollow">' in page
        assert '<a href="mailto:help@contoso.example.com" rel="noopener nofollow">' in page
        assert "Changed since" not in text
        logos = {path.read_bytes() for path in publisher.assets.glob("AzureLogo*.png")}
        assert set(embedded_pictures(page)) == logos

    def test_writing_a_page_only_reads(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        before = emulator.state()
        emulator.clear()
        write_page(partnercenter)
        assert {request["method"] for request in emulator.requests()} == {"GET"}
        assert emulator.state() == before

    def test_secrets_are_not_in_the_page(self, publisher: Publisher, partnercenter: Command) -> None:
        leads = {"azure_table": {"connection_string": f"AccountName=contoso;AccountKey={PLANTED}"}}
        publisher.add("leads", Declaration(LeadDestination, {"offer": Ref("offer"), **leads}))
        publisher.save_draft()
        assert PLANTED not in write_page(partnercenter)

    def test_a_video_is_a_link_with_its_thumbnail(
        self, publisher: Publisher, partnercenter: Command, tmp_path: Path
    ) -> None:
        Image.new("RGB", (1280, 720), "teal").save(tmp_path / "tour.png")
        video = {"url": "https://video.example.com/1", "title": "Tour", "source": str(tmp_path / "tour.png")}
        publisher.add("tour", Declaration(ListingVideo, {"offer": Ref("offer"), **video}))
        publisher.save_draft()
        page = write_page(partnercenter)
        assert '<a href="https://video.example.com/1" rel="noopener nofollow">Tour</a>' in page
        assert (tmp_path / "tour.png").read_bytes() in embedded_pictures(page)

    def test_bytes_that_are_no_picture_are_replaced_by_a_sentence(
        self, publisher: Publisher, emulator: RunningEmulator, partnercenter: Command
    ) -> None:
        emulator.fault("GET /_blob/", status=200, body="<svg onload='alert(1)'>", times=0)
        page = write_page(partnercenter)
        assert embedded_pictures(page) == []
        assert "Logo: no picture. The file is not a picture that can be recognised" in text_of(page)

    @pytest.mark.parametrize("match", ["/listings/", "GET /_blob/"])
    def test_a_refused_request_leaves_an_older_page_as_it_was(
        self,
        match: str,
        publisher: Publisher,
        emulator: RunningEmulator,
        partnercenter: Command,
        tmp_path: Path,
    ) -> None:
        (tmp_path / "listing.html").write_text("older")
        files = sorted(tmp_path.iterdir())
        emulator.fault(match, status=403, times=0)
        result = partnercenter("show", OFFER, "--html", "listing.html").expect_failure()
        assert result.out == ""
        assert len(result.err.splitlines()) <= 3
        assert (tmp_path / "listing.html").read_text() == "older"
        assert sorted(tmp_path.iterdir()) == files


@pytest.fixture(scope="module")
def staged_page(published_offer: tuple[Publisher, Command]) -> str:
    return text_of(write_page(published_offer[1]))


@pytest.mark.parametrize(
    "sentence",
    [
        "compared with preview and live.",
        f"{VAULT} Language: en-us Changed since preview Before: {SECOND_TITLE} Changed since live Before: {TITLE}",
        "Contoso Archiv Language: de-de New, not in live",
        "screen.png Removed from the draft, still in preview and live",
        "Hidden in the marketplace yes Changed since preview and live Before: no",
    ],
    ids=["head", "title", "new language", "removed picture", "terms of a plan"],
)
def test_differences_from_preview_and_live_show_the_former_value(sentence: str, staged_page: str) -> None:
    assert sentence in staged_page


class TestProgram:
    def write(self, partnercenter: Command, preview: Any) -> str:
        return write_page(
            partnercenter, "--preview", preview.write(partnercenter.folder), PARTNERCENTER_ENDPOINT=""
        )

    def test_a_program_that_has_not_run_is_shown_without_any_request(
        self, emulator: RunningEmulator, partnercenter: Command, tmp_path: Path
    ) -> None:
        Image.new("RGB", (216, 216), "navy").save(tmp_path / "logo.png")
        preview = offer_preview(description="<p>Moves <b>old</b> files.</p>")
        preview.add(
            "ListingImage", "logo", offer="archive", kind="AzureLogoLarge", source="logo.png", digest=UNKNOWN
        )
        preview.add(
            "Plan", "gold", offer="archive", plan_id="gold", name="Gold", subtype="managed-application"
        )
        preview.add("PlanListing", "gold", plan="gold", title="Gold plan")
        preview.add(
            "PlanPricing", "gold", plan="gold", markets=["US"], prices=[{"amount": "49", "per": "month"}]
        )
        emulator.clear()
        page = self.write(partnercenter, preview)
        text = text_of(page)
        assert "The program has not run yet." in text
        assert "Gold plan gold" in text
        assert "per month 49 USD every market" in text
        assert "<b>old</b>" in page
        assert set(embedded_pictures(page)) == {(tmp_path / "logo.png").read_bytes()}
        assert "Changed since" not in text
        assert emulator.requests() == []

    def test_unknown_values_at_any_depth_are_known_after_apply(self, partnercenter: Command) -> None:
        links = [{"type": "PrivacyUri", "uri": UNKNOWN}]
        preview = offer_preview(summary=UNKNOWN, links=links, keywords=[UNKNOWN], contacts=UNKNOWN)
        preview.add("Plan", "gold", offer="archive", plan_id=UNKNOWN, name=UNKNOWN)
        preview.add(
            "PlanPricing", "gold", plan="gold", markets=UNKNOWN, prices=[UNKNOWN, {"amount": UNKNOWN}]
        )
        preview.add(
            "ListingImage", "i", offer="archive", kind="AzureLogoLarge", source=UNKNOWN, file_name="a.png"
        )
        text = text_of(self.write(partnercenter, preview))
        for part in (
            "Contacts known after apply",
            "Links known after apply ( PrivacyUri )",
            "Keywords known after apply",
            "Prices Period Price Markets known after apply per month known after apply USD every market",
            "Sold in known after apply",
            "The file is known after apply.",
        ):
            assert part in text
        assert UNKNOWN not in text
        assert "unknown" not in text.lower()

    def test_secrets_of_the_program_are_withheld(self, partnercenter: Command) -> None:
        wrapped = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            "plaintext": json.dumps(PLANTED),
        }
        preview = offer_preview(title="[secret]", summary=wrapped, contacts="[secret]")
        text = text_of(self.write(partnercenter, preview))
        assert "Contacts (secret)" in text
        assert text.count("(secret)") == 3
        assert PLANTED not in text

    def test_changes_since_the_last_update_are_said(self, partnercenter: Command) -> None:
        preview = offer_preview("update", before={"title": "Contoso Vault", "keywords": ["vault"]})
        preview.add("OfferListing", "german", offer="archive", title="Contoso Archiv", language="de-de")
        preview.add(
            "OfferListing", "french", "delete", offer="archive", title="Contoso Archives", language="fr-fr"
        )
        text = text_of(self.write(partnercenter, preview))
        assert "Changed since the last update Before: Contoso Vault" in text
        assert "Changed since the last update Before: vault" in text
        assert "Contoso Archiv Language: de-de New, not in the last update" in text
        assert "Language: fr-fr Removed from the draft, still in the last update" in text

    def test_the_preview_comes_from_stdin(self, partnercenter: Command, tmp_path: Path) -> None:
        path = offer_preview().write(tmp_path)
        command = [COMMAND, "show", OFFER, "--html", "page.html", "--preview", "-"]
        with path.open() as stream:
            subprocess.run(command, cwd=tmp_path, env=partnercenter.environment(), stdin=stream, check=True)
        assert TITLE in (tmp_path / "page.html").read_text()

    @pytest.mark.parametrize(
        ("digest", "sentence"),
        [
            ("", "Logo: no picture. No such file:"),
            (SHA_OF_NOTHING, "Logo: no picture. The file has changed since the preview. logo.png"),
        ],
        ids=["missing", "changed"],
    )
    def test_a_file_that_is_not_the_one_of_the_preview_is_replaced_by_a_sentence(
        self, digest: str, sentence: str, partnercenter: Command, tmp_path: Path
    ) -> None:
        if digest:
            Image.new("RGB", (216, 216), "navy").save(tmp_path / "logo.png")
        preview = offer_preview()
        arguments = {"kind": "AzureLogoLarge", "source": "logo.png", "digest": digest, "file_name": "a.png"}
        preview.add("ListingImage", "logo", offer="archive", **arguments)
        page = self.write(partnercenter, preview)
        assert sentence in text_of(page)
        assert embedded_pictures(page) == []

    def test_files_are_looked_for_in_the_folder_of_the_program(
        self, partnercenter: Command, tmp_path: Path
    ) -> None:
        (tmp_path / "program").mkdir()
        (tmp_path / "Pulumi.yaml").write_text("name: contoso\nruntime: python\nmain: program\n")
        Image.new("RGB", (216, 216), "navy").save(tmp_path / "program" / "logo.png")
        preview = offer_preview()
        preview.add(
            "ListingImage", "i", offer="archive", kind="AzureLogoLarge", source="logo.png", digest=UNKNOWN
        )
        assert embedded_pictures(self.write(partnercenter, preview))

    def test_resources_of_other_offers_are_left_out(self, partnercenter: Command) -> None:
        preview = offer_preview()
        preview.add(
            "Offer", "backup", offer_id="contoso-backup", offer_type="AzureApplication", alias="Backup"
        )
        preview.add("OfferListing", "backup", offer="backup", title="Contoso Backup")
        assert "Backup" not in self.write(partnercenter, preview)


class TestBadPreviews:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "it is no JSON document"),
            ('{"steps": ', "it is no JSON document"),
            ("[1]", "it is not what `pulumi preview --json --show-sames` prints"),
            ('{"steps": [{"op": 1}]}', "it is not what"),
            ('{"steps": []}', "no offer 'contoso-archive' in it"),
            ('{"steps": [], "changeSummary": {"same": 7}}', "it leaves out 7 resources that stay the same"),
            (
                '{"steps": [], "diagnostics": [{"severity": "error", "message": "title: is\\n required"}]}',
                "title: is required",
            ),
        ],
        ids=["empty", "cut", "list", "other members", "no offer", "without same ones", "failed preview"],
    )
    def test_a_file_that_is_no_whole_preview_is_refused_in_three_lines(
        self, text: str, message: str, partnercenter: Command, tmp_path: Path
    ) -> None:
        (tmp_path / "preview.json").write_text(text)
        self.expect_refusal(partnercenter, message)

    def test_bytes_of_another_encoding_are_refused(self, partnercenter: Command, tmp_path: Path) -> None:
        (tmp_path / "preview.json").write_bytes("{}".encode("utf-16"))
        self.expect_refusal(partnercenter, "it is no JSON document")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"title": 5}, "OfferListing 'archive': title: "),
            ({"contacts": {"type": "Engineering"}}, "OfferListing 'archive': contacts: "),
            ({"links": [{"type": "PrivacyUri", "uri": "javascript:alert(1)"}]}, "links[0].uri"),
            ({"titel": "Contoso"}, "titel: no such argument"),
            ({"description": "half \ud800"}, "half a character"),
        ],
        ids=["type", "object", "address", "name", "surrogate"],
    )
    def test_arguments_that_no_preview_has_are_refused(
        self, arguments: dict[str, Any], message: str, partnercenter: Command, tmp_path: Path
    ) -> None:
        offer_preview(**arguments).write(tmp_path)
        self.expect_refusal(partnercenter, message)

    @pytest.mark.parametrize("depth", [300, 900, 100_000])
    def test_a_deeply_nested_value_is_refused(
        self, depth: int, partnercenter: Command, tmp_path: Path
    ) -> None:
        text = offer_preview(keywords="DEEP").write(tmp_path).read_text()
        (tmp_path / "preview.json").write_text(text.replace('"DEEP"', "[" * depth + "]" * depth))
        self.expect_refusal(partnercenter, "")

    def expect_refusal(self, partnercenter: Command, message: str) -> None:
        files = sorted(partnercenter.folder.iterdir())
        result = partnercenter(
            "show", OFFER, "--html", "page.html", "--preview", "preview.json"
        ).expect_failure()
        assert result.err.startswith("error: preview 'preview.json': ")
        assert message in result.err
        assert len(result.err.splitlines()) == 2
        assert sorted(partnercenter.folder.iterdir()) == files


class TestFile:
    @pytest.fixture(autouse=True)
    def preview(self, tmp_path: Path) -> Path:
        return offer_preview().write(tmp_path)

    @pytest.mark.parametrize("place", ["missing/page.html", "folder", "file/page.html", "a" * 300])
    def test_a_place_that_cannot_be_written_is_refused(
        self, place: str, partnercenter: Command, tmp_path: Path
    ) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
        files = sorted(tmp_path.rglob("*"))
        result = partnercenter("show", OFFER, "--html", place, "--preview", "preview.json").expect_failure()
        assert result.err.startswith(f"error: page '{place}': ")
        assert len(result.err.splitlines()) == 2
        assert sorted(tmp_path.rglob("*")) == files

    def test_a_write_that_fails_half_way_leaves_the_older_page(
        self, partnercenter: Command, tmp_path: Path
    ) -> None:
        (tmp_path / "page.html").write_text("older")
        files = sorted(tmp_path.iterdir())
        options = f"show {OFFER} --html page.html --preview preview.json"
        process = subprocess.run(
            ["bash", "-c", f"ulimit -f 1; exec {COMMAND} {options}"],
            cwd=tmp_path,
            # Python would keep byte code that is cut off at the limit, for all later processes.
            env=partnercenter.environment(PYTHONDONTWRITEBYTECODE="1"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 1
        assert process.stderr.startswith("error: page 'page.html': it cannot be written (File too large)")
        assert (tmp_path / "page.html").read_text() == "older"
        assert sorted(tmp_path.iterdir()) == files

    def test_an_older_page_behind_a_link_is_replaced(self, partnercenter: Command, tmp_path: Path) -> None:
        (tmp_path / "real.html").write_text("older")
        (tmp_path / "listing.html").symlink_to("real.html")
        assert TITLE in write_page(partnercenter, "--preview", "preview.json")
        assert (tmp_path / "listing.html").is_symlink()
        assert TITLE in (tmp_path / "real.html").read_text()

    @pytest.mark.parametrize(
        "options",
        [
            ["--html", "page.html", "--json"],
            ["--open", "--differences"],
            ["--preview", "preview.json"],
            ["--html", "page.html", "--preview", "missing.json"],
        ],
        ids=" ".join,
    )
    def test_options_that_exclude_each_other_are_wrong_usage(
        self, options: list[str], partnercenter: Command, tmp_path: Path
    ) -> None:
        partnercenter("show", OFFER, *options).expect_failure(2)
        assert not (tmp_path / "page.html").exists()

    @pytest.mark.parametrize("page", [["--html", "page #1.html"], []], ids=["named", "temporary"])
    def test_option_open_shows_the_written_page_in_the_browser(
        self, page: list[str], partnercenter: Command, tmp_path: Path
    ) -> None:
        browser = tmp_path / "browser"
        browser.write_text(
            f'#!{sys.executable}\nimport sys\nopen("{tmp_path}/opened", "w").write(sys.argv[1])\n'
        )
        browser.chmod(0o755)
        env = {"BROWSER": str(browser), "TMPDIR": str(tmp_path)}
        options = ["--open", "--preview", "preview.json", *page]
        output = partnercenter.run_process("show", OFFER, *options, **env).expect_success().out
        path = (tmp_path / output.removeprefix("Written to ").rstrip("\n")).resolve()
        assert TITLE in path.read_text()
        assert (tmp_path / "opened").read_text() == path.as_uri()

    def test_option_open_without_a_browser_says_where_the_page_is(self, partnercenter: Command) -> None:
        env = {"BROWSER": "/bin/false", "PATH": "/nowhere"}
        options = ["--html", "page.html", "--open", "--preview", "preview.json"]
        result = partnercenter.run_process("show", OFFER, *options, **env).expect_failure()
        assert "page 'page.html': no browser opens it" in result.err
        assert (partnercenter.folder / "page.html").exists()
