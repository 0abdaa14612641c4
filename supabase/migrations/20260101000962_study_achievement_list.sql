-- The achievements that there are: those of the first design, and more. Others are added as rows, without a line of code.

insert into core.topics (slug, name, description)
values ('anatomy', 'Anatomy', 'The structure of the body.')
on conflict do nothing;

insert into study.achievements (code, name, description, icon, category, rarity, xp_reward, metric, threshold, unlock_conditions) values
  ('first_question', 'First Steps', 'Answer your first question.', '🎯', 'milestone', 'common', 10, 'questions_answered', 1, '{}'),
  ('questions_100', 'Hundred Up', 'Answer 100 questions.', '📘', 'milestone', 'common', 50, 'questions_answered', 100, '{}'),
  ('questions_500', 'Well Read', 'Answer 500 questions.', '📗', 'milestone', 'uncommon', 100, 'questions_answered', 500, '{}'),
  ('questions_1000', 'Thousand Strong', 'Answer 1,000 questions.', '📚', 'milestone', 'rare', 200, 'questions_answered', 1000, '{}'),
  ('questions_10000', 'Walking Library', 'Answer 10,000 questions.', '🏛️', 'milestone', 'legendary', 1000, 'questions_answered', 10000, '{}'),
  ('correct_250', 'Sound Judgement', 'Answer 250 questions right.', '✅', 'milestone', 'uncommon', 75, 'questions_correct', 250, '{}'),
  ('correct_2500', 'Second Opinion', 'Answer 2,500 questions right.', '🩺', 'milestone', 'epic', 400, 'questions_correct', 2500, '{}'),
  ('first_review', 'Once More', 'Review your first card.', '🔁', 'milestone', 'common', 10, 'cards_reviewed', 1, '{}'),
  ('reviews_500', 'Memory Lane', 'Review 500 cards.', '🧩', 'milestone', 'uncommon', 100, 'cards_reviewed', 500, '{}'),
  ('reviews_5000', 'Elephant', 'Review 5,000 cards.', '🐘', 'milestone', 'epic', 500, 'cards_reviewed', 5000, '{}'),
  ('hours_10', 'Ten Hours', 'Study for 10 hours in all.', '⏳', 'milestone', 'common', 50, 'study_minutes', 600, '{}'),
  ('hours_100', 'Hundred Hours', 'Study for 100 hours in all.', '⌛', 'milestone', 'epic', 400, 'study_minutes', 6000, '{}'),
  ('level_5', 'Level 5', 'Reach level 5.', '🥉', 'milestone', 'common', 25, 'level', 5, '{}'),
  ('level_10', 'Level 10', 'Reach level 10.', '🥈', 'milestone', 'uncommon', 50, 'level', 10, '{}'),
  ('level_25', 'Level 25', 'Reach level 25.', '🥇', 'milestone', 'epic', 250, 'level', 25, '{}'),
  ('xp_1000', 'Four Figures', 'Earn 1,000 XP.', '✨', 'milestone', 'common', 25, 'xp', 1000, '{}'),
  ('sessions_10', 'Regular', 'Finish 10 practice sessions.', '📝', 'milestone', 'common', 30, 'sessions_completed', 10, '{}'),
  ('sessions_100', 'Resident', 'Finish 100 practice sessions.', '🏥', 'milestone', 'rare', 200, 'sessions_completed', 100, '{}'),

  ('streak_3', 'Warming Up', 'Study 3 days in a row.', '🌱', 'streak', 'common', 20, 'streak', 3, '{}'),
  ('streak_7', 'Week Warrior', 'Maintain a 7-day study streak.', '🔥', 'streak', 'uncommon', 50, 'streak', 7, '{}'),
  ('streak_30', 'Monthly Master', 'Maintain a 30-day study streak.', '🏆', 'streak', 'rare', 200, 'streak', 30, '{}'),
  ('streak_100', 'Centurion', 'Maintain a 100-day study streak.', '💎', 'streak', 'epic', 500, 'streak', 100, '{}'),
  ('streak_365', 'Year of Study', 'Maintain a 365-day study streak.', '👑', 'streak', 'legendary', 2000, 'streak', 365, '{}'),
  ('frozen_once', 'Saved by the Ice', 'Have a freeze save your streak.', '🧊', 'streak', 'uncommon', 15, 'freeze', 1, '{}'),
  ('frozen_10', 'Permafrost', 'Have freezes save your streak on 10 days.', '❄️', 'streak', 'rare', 50, 'freeze', 10, '{}'),

  ('perfect_10', 'Perfect Score', 'Answer 10 questions in a row correctly.', '💯', 'mastery', 'epic', 100, 'combo', 10, '{}'),
  ('perfect_25', 'Unstoppable', 'Answer 25 questions in a row correctly.', '🚀', 'mastery', 'legendary', 300, 'combo', 25, '{}'),
  ('hard_50', 'Hard Nut', 'Answer 50 hard questions right.', '🥜', 'mastery', 'rare', 150, 'answer', 50,
    '{"is_correct": true, "difficulty": ["hard", "nbme"]}'),
  ('sure_100', 'Sure of It', 'Answer 100 questions right that you were fully sure of.', '🎓', 'mastery', 'uncommon', 75, 'answer', 100,
    '{"is_correct": true, "min_confidence": 5}'),
  ('first_topic', 'Topic Mastered', 'Reach 80% mastery in a topic, over at least 20 answers.', '⭐', 'mastery', 'uncommon', 75, 'topics_mastered', 1,
    '{"min_mastery": 80, "min_questions_answered": 20}'),
  ('topics_10', 'Polymath', 'Reach 80% mastery in 10 topics, each over at least 20 answers.', '🌟', 'mastery', 'epic', 500, 'topics_mastered', 10,
    '{"min_mastery": 80, "min_questions_answered": 20}'),
  ('mature_100', 'Long Memory', 'Remember 100 cards after three weeks or more.', '🧬', 'mastery', 'rare', 150, 'review', 100,
    '{"state": "review", "min_interval_days": 21, "min_rating": 2}'),
  ('perfect_session', 'Flawless', 'Finish a session of at least 10 questions without a mistake.', '🌈', 'mastery', 'uncommon', 50, 'session', 1,
    '{"min_answered": 10, "min_accuracy": 100, "max_skipped": 0}'),
  ('perfect_sessions_10', 'Spotless Record', 'Finish 10 sessions of at least 10 questions without a mistake.', '🏅', 'mastery', 'epic', 250, 'session', 10,
    '{"min_answered": 10, "min_accuracy": 100, "max_skipped": 0}'),
  ('test_passed', 'Exam Nerves', 'Answer 80% of a test of at least 20 questions right.', '📜', 'mastery', 'uncommon', 75, 'session', 1,
    '{"session_type": "test", "min_answered": 20, "min_accuracy": 80}'),

  ('speed_demon', 'Speed Demon', 'Answer a question right in under 30 seconds.', '⚡', 'speed', 'uncommon', 25, 'answer', 1,
    '{"is_correct": true, "below_seconds": 30}'),
  ('speed_100', 'Quick Draw', 'Answer 100 questions right, each in under 15 seconds.', '🏎️', 'speed', 'rare', 100, 'answer', 100,
    '{"is_correct": true, "below_seconds": 15}'),

  ('goal_1', 'On Target', 'Meet your daily goal.', '🎈', 'consistency', 'common', 10, 'goal', 1, '{}'),
  ('goal_30', 'Goal Keeper', 'Meet your daily goal on 30 days.', '🥅', 'consistency', 'rare', 150, 'goal', 30, '{}'),
  ('days_50', 'Habit', 'Study on 50 days.', '📅', 'consistency', 'uncommon', 100, 'day', 50, '{}'),
  ('weekends_10', 'Weekender', 'Study on 10 days of weekends.', '🛋️', 'consistency', 'uncommon', 50, 'day', 10, '{"weekday": [6, 7]}'),

  ('night_owl', 'Night Owl', 'Study after midnight, before 4 AM.', '🦉', 'special', 'common', 15, 'activity', 1, '{"below_hour": 4}'),
  ('early_bird', 'Early Bird', 'Study before 6 AM, from 4 AM on.', '🐦', 'special', 'common', 15, 'activity', 1, '{"min_hour": 4, "below_hour": 6}'),
  ('night_owl_50', 'Night Shift', 'Do 50 questions and cards between midnight and 4 AM.', '🌙', 'special', 'rare', 75, 'activity', 50, '{"below_hour": 4}'),
  ('comeback', 'Comeback', 'Study again after a week or more away.', '👋', 'special', 'common', 20, 'day', 1, '{"min_away_days": 7}'),
  ('new_year', 'Resolution', 'Study on the first day of a year.', '🎆', 'special', 'uncommon', 25, 'day', 1, '{"month": 1, "day_of_month": 1}');

insert into study.achievements (code, name, description, icon, category, rarity, xp_reward, metric, threshold, unlock_conditions, topic_id)
select 'master_anatomy', 'Anatomy Master', 'Achieve 90% mastery in Anatomy.', '🧠', 'mastery', 'rare', 150, 'mastery', 90, '{}', coalesce(t.merged_into_id, t.id)
from core.topics as t where t.slug operator(extensions.=) 'anatomy'::extensions.citext;

update study.achievements as a set sort_order = o.place
from (
  select n.id, row_number() over (
    order by array_position('{milestone, streak, mastery, speed, consistency, special}', n.category), n.metric, n.threshold, n.code
  ) as place
  from study.achievements as n
) as o
where o.id = a.id;

create function private.tg_topics__move_achievements()
returns trigger
language plpgsql
security definer -- merging is the moderators', achievements are not
set search_path = ''
as $$
begin
  update study.achievements as a set topic_id = new.merged_into_id where a.topic_id = new.id;
  return null;
end;
$$;
comment on function private.tg_topics__move_achievements() is 'Trigger: achievements of a merged topic go with it.';
create trigger _560_move_achievements after update of merged_into_id on core.topics
  for each row when (new.merged_into_id is not null and new.merged_into_id is distinct from old.merged_into_id)
  execute function private.tg_topics__move_achievements();
revoke execute on function private.tg_topics__move_achievements() from public, anon, authenticated;
