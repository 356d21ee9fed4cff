-- An administrator of the database server runs this once, before `shinjp migrate`: it creates the role to which row-level
-- security applies, and the login that the server uses. Run it with psql on the project's database, as a role that may
-- create roles, with API_DATABASE_PASSWORD in the environment.
--
-- `shinjp migrate` then runs as the owner of the database, who needs neither superuser nor CREATEROLE.
\set ON_ERROR_STOP on
\getenv password API_DATABASE_PASSWORD
SELECT 'CREATE ROLE shinjp_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_app') \gexec
SELECT 'CREATE ROLE shinjp_api LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_api') \gexec
ALTER ROLE shinjp_api PASSWORD :'password';
GRANT shinjp_app TO shinjp_api;

-- The owner grants privileges to shinjp_app, and workers switch to it.
SELECT format('GRANT shinjp_app TO %I', pg_get_userbyid(datdba)) FROM pg_database
WHERE datname = current_database() AND NOT pg_has_role(datdba, 'shinjp_app', 'MEMBER') \gexec

-- The server sets these when it connects. PgBouncer does not forward them, so they are role settings too.
ALTER ROLE shinjp_api SET role = 'shinjp_app';
ALTER ROLE shinjp_api SET statement_timeout = '30s';
ALTER ROLE shinjp_api SET jit = off;

-- For `admin { slowQueries }`, if PostgreSQL has it and this role may install it. PostgreSQL loads it at start-up, with
-- shared_preload_libraries = pg_stat_statements.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
    GRANT pg_read_all_stats TO shinjp_app;
EXCEPTION
    WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE NOTICE 'pg_stat_statements is not available, and admin { slowQueries } stays empty: %', SQLERRM;
END $$;
