"""The Partner Center submission API. Models and errors load alone; `client` brings the libraries of HTTP."""
