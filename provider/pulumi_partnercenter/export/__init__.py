"""Offers that exist, as a program that takes them over without a write.

    reading      what an offer has → pieces, each with the arguments that a program would say
    storing      texts and files of the pieces → `assets/`
    publication  whether a Submission can be declared without publishing anything
    naming       resource names, variables, file names: safe, unique, the same every time
    writing      pieces → Python, as a person would write it
    engine       pieces → the engine's import file

Names no resource but the offer and its submission: what refers to what follows from ids, what may be left unsaid from
defaults, what is secret or a file from markers.
"""
