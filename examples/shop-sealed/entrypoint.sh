#!/bin/sh
set -eu
# Only the edge of the compose network reaches this port; nothing publishes it.
exec gunicorn --bind 0.0.0.0:8000 --workers 2 wsgi:app
