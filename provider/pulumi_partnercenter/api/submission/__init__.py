"""The Partner Center submission API. Models and errors load without HTTP's libraries; `client` imports them."""
