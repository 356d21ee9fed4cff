-- What an administrator of the database server runs once, before `shinjp migrate`: the role to whose sessions row-level
-- security applies, and the login that the server uses. Run it with psql on the project's database, as a role that may
-- create roles, with API_DATABASE_PASSWORD in the environment.
--
-- `shinjp migrate` then runs as the owner of the database, which needs no other right: it need be neither a superuser
-- nor allowed to create roles.
\set ON_ERROR_STOP on
\getenv password API_DATABASE_PASSWORD
SELECT 'CREATE ROLE shinjp_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_app') \gexec
SELECT 'CREATE ROLE shinjp_api LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_api') \gexec
ALTER ROLE shinjp_api PASSWORD :'password';
GRANT shinjp_app TO shinjp_api;

-- The owner grants to shinjp_app what the application may do, and its workers run as it.
SELECT format('GRANT shinjp_app TO %I', pg_get_userbyid(datdba)) FROM pg_database
WHERE datname = current_database() AND NOT pg_has_role(datdba, 'shinjp_app', 'MEMBER') \gexec

-- The server asks for these when it connects. Behind PgBouncer, which does not hand them on, they come from here.
ALTER ROLE shinjp_api SET role = 'shinjp_app';
ALTER ROLE shinjp_api SET statement_timeout = '30s';
ALTER ROLE shinjp_api SET jit = off;

-- What took long, for administrators: only where PostgreSQL has it and this role may install it. PostgreSQL loads it at
-- its start, with shared_preload_libraries = pg_stat_statements.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
    GRANT pg_read_all_stats TO shinjp_app;
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_stat_statements is left out, and admin { slowQueries } stays empty: %', SQLERRM;
END $$;
