"""Export of existing offers as a program that adopts them without a write.

    collect              an offer's drafts → resources, each with the arguments that would declare it
    assets               long texts and files of the resources → `assets/`
    arguments            the shortest arguments that a check completes to the same
    exported_submission  a Submission, if declaring one publishes nothing
    names                resource names, variables, file names: safe, unique, reproducible
    references           which resource names the id of which
    program              resources → Python source code
    import_file          resources → the engine's import file
    project              all of it, in one folder
    output_directory     that folder, moved into place when it is complete

The code has no special cases for resources except the offer and its submission. Ids show references, defaults show
which arguments can be left out, and markers show secrets and files.
"""
