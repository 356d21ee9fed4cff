-- Index Scan using pk_user_settings on user_settings
-- Seq Scan on schedule_changes
SELECT answer.* FROM (
with 
    learner as (
        select time_zone, turn, today, least((today + 1 + turn) at time zone time_zone, ((today + 1 + turn) - interval '1 microsecond') at time zone time_zone + interval '1 microsecond') as day_ends_at
        from user_settings
            cross join lateral (select make_interval(hours => day_starts_at_hour) as turn) as turns
            cross join lateral (select (($1::TIMESTAMP WITH TIME ZONE at time zone time_zone) - turn)::date as today) as days
        where user_id = $2::UUID
    )

select id, day, days, changed_at, idempotency_key from schedule_changes, learner
where user_id = $2::UUID and card_id is null and kind = 'VACATION' and not undone and day + days > today
order by day limit 1
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Seq Scan on notification_preferences
SELECT answer.* FROM (SELECT notification_preferences.kind, notification_preferences.channel, notification_preferences.is_enabled 
FROM notification_preferences 
WHERE notification_preferences.user_id = $1::UUID OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using pk_user_settings on user_settings
SELECT answer.* FROM (SELECT user_settings.user_id, user_settings.scheduler, user_settings.desired_retention, user_settings.new_cards_per_day, user_settings.reviews_per_day, user_settings.time_zone, user_settings.day_starts_at_hour, user_settings.learning_steps, user_settings.relearning_steps, user_settings.max_interval_days, user_settings.new_card_mix, user_settings.new_card_order, user_settings.easy_days, user_settings.bury_siblings, user_settings.leech_threshold, user_settings.leech_action, user_settings.streak_freezes_per_month, user_settings.fsrs_parameters, user_settings.earlier_days, user_settings.created_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID AND user_settings.user_id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using pk_users on users
SELECT answer.* FROM (SELECT users.id, users.display_name, users.email, users.locale, users.deleted_at 
FROM users 
WHERE users.id = $1::UUID AND users.id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Seq Scan on scheduling_fits
SELECT answer.* FROM (SELECT scheduling_fits.fitted_at, scheduling_fits.reviews, scheduling_fits.is_kept, scheduling_fits.log_loss, scheduling_fits.rmse, scheduling_fits.previous_log_loss, scheduling_fits.previous_rmse, scheduling_fits.optimal_retention 
FROM scheduling_fits 
WHERE scheduling_fits.user_id = $1::UUID OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;
