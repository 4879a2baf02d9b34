"""Export of existing offers as a program that adopts them without a write.

    exporter             what the export of a service has to say, beside the search in `directory`
    submission_exporter  that of the submission API · portal_exporter: that of the Cloud Partner Portal API
    collect              an offer's drafts → resources, each with the arguments that would declare it
    assets               long texts and files of the resources → `assets/`
    hidden_members       members of arguments that a program does not contain: secrets
    arguments            the shortest arguments that a check completes to the same
    exported_submission  a Submission, if declaring one publishes nothing · exported_publication: of any service
    names                resource names, variables, file names: safe, unique, reproducible
    references           which resource names the id of which
    program              resources → Python source code
    import_file          resources → the engine's import file
    project              all of it, in one folder
    output_directory     that folder, moved into place when it is complete
    portal_migration     an offer that has moved to Partner Center: what no resource of the submission API holds

The code has no special cases for resources except the offer and its publication. Ids show references, defaults show
which arguments can be left out, and markers show secrets and files.
"""
