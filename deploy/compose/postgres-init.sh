#!/bin/sh
# Run once by the postgres image, on an empty data directory.
set -eu
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /run/secrets/roles.sql
