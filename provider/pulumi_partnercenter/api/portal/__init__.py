"""The Cloud Partner Portal API. Models and errors load without HTTP's libraries; `client` imports them."""
