-- Run by psql after each start, as the superuser, in the database `postgres`.
SELECT format('CREATE DATABASE %I', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
\connect :database

-- `admin { slowQueries }` reads the statistics of all roles.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT 'CREATE ROLE shinjp_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_app') \gexec
GRANT pg_read_all_stats TO shinjp_app;
