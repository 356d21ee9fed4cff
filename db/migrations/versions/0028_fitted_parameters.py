"""Fitted parameters of FSRS with their evaluation, and jobs that fit them or reschedule all cards."""

from db.migrations.statements import run

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run(
        """
        CREATE TABLE scheduling_fits (
            user_id UUID NOT NULL,
            fitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
            reviews INTEGER NOT NULL,
            is_kept BOOLEAN NOT NULL,
            log_loss DOUBLE PRECISION NOT NULL,
            rmse DOUBLE PRECISION NOT NULL,
            previous_log_loss DOUBLE PRECISION NOT NULL,
            previous_rmse DOUBLE PRECISION NOT NULL,
            optimal_retention DOUBLE PRECISION NOT NULL,
            CONSTRAINT pk_scheduling_fits PRIMARY KEY (user_id),
            CONSTRAINT fk_scheduling_fits_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        ALTER TABLE scheduling_fits ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON scheduling_fits USING (user_id = viewer_id());
        CREATE POLICY administrators_read ON scheduling_fits FOR SELECT USING (viewer_is_admin());
        GRANT SELECT, INSERT, UPDATE ON scheduling_fits TO shinjp_app;

        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known CHECK (kind in (
                'GENERATE_TEXTBOOK', 'EXPORT', 'ANALYZE_BOOK', 'FIT_PARAMETERS', 'RESCHEDULE_CARDS',
                'REFRESH_ANALYTICS', 'CLEANUP'
            ));
        """
    )


def downgrade() -> None:
    run(
        """
        DROP TABLE scheduling_fits;
        DELETE FROM jobs WHERE kind in ('FIT_PARAMETERS', 'RESCHEDULE_CARDS');
        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known
                CHECK (kind in ('GENERATE_TEXTBOOK', 'EXPORT', 'ANALYZE_BOOK', 'REFRESH_ANALYTICS', 'CLEANUP'));
        """
    )
