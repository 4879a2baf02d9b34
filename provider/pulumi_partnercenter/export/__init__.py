"""Export of existing offers as a program that adopts them without a write.

    collect              an offer's drafts → resources, each with the arguments that would declare it
    assets               long texts and files of the resources → `assets/`
    arguments            the shortest arguments that a check completes to the same
    exported_submission  a Submission, if declaring one publishes nothing
    names                resource names, variables, file names: safe, unique, the same every time
    references           which resource names the id of which
    program              resources → Python, as a person would write it
    import_file          resources → the engine's import file
    project              all of it, in one folder
    output_directory     that folder, moved into place when it is complete

The code names no resource but the offer and its submission. Ids show what refers to what, defaults what may be left
out, markers what is secret or a file.
"""
