-- The login that the server uses: it owns nothing, and row-level security applies to it. Run it with psql once for a
-- cluster, as a role that may create roles, with API_DATABASE_PASSWORD in the environment. `shinjp migrate` runs as the
-- owner of the database.
\set ON_ERROR_STOP on
\getenv password API_DATABASE_PASSWORD
-- The first migration makes it too, where this was not run before.
SELECT 'CREATE ROLE shinjp_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_app') \gexec
CREATE ROLE shinjp_api LOGIN PASSWORD :'password' IN ROLE shinjp_app;

-- The server asks for these when it connects. Behind PgBouncer, which does not hand them on, they come from here.
ALTER ROLE shinjp_api SET role = 'shinjp_app';
ALTER ROLE shinjp_api SET statement_timeout = '30s';
ALTER ROLE shinjp_api SET jit = off;

-- What took long, for administrators. PostgreSQL loads it at its start: shared_preload_libraries = pg_stat_statements.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
GRANT pg_read_all_stats TO shinjp_app;
