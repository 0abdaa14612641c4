-- How well somebody knows a topic: an ability that is estimated, not an average of answers. Per learner and topic a normal
-- distribution over an ability on the scale of the Rasch model (logits; 0: half of the questions of medium difficulty):
--
--   answering   P(right) = c + (1 - c) * s,  s = 1 / (1 + exp(-g * (ability - difficulty)))
--               c: the chance to guess it. g: what is not known for sure of the question's difficulty flattens the curve,
--               g = 1 / sqrt(1 + 3 * variance / pi^2). One step of Newton with the expected information, from the mean:
--               Glickman, "Parameter estimation in large dynamic paired comparison experiments", Applied Statistics 48 (1999);
--               the guess: Birnbaum's three-parameter model, in Lord & Novick, "Statistical Theories of Mental Test Scores"
--               (1968). Elo's step that never quite vanishes, since people learn by answering: Pelánek, "Applications of the
--               Elo rating system in adaptive educational systems", Computers & Education 98 (2016): answer_variance is added.
--   forgetting  Between answers the ability goes back to where a newcomer stands, and what is known of it fades, exactly as an
--               Ornstein-Uhlenbeck process does: Uhlenbeck & Ornstein, Physical Review 36 (1930). Its half-life of a year
--               leaves about two thirds of good knowledge after a year: Custers, "Long-term retention of basic science
--               knowledge", Advances in Health Sciences Education 15 (2010).
--   mastery     The chance to know the answer of a medium question, the guess taken away, in percent; over the uncertainty
--               as MacKay, "The evidence framework applied to classification networks", Neural Computation 4 (1992).
--
-- All numbers are in the setting study.mastery.

insert into core.settings (key, value, description) values
  ('study.mastery', '{
    "prior_mean": -1, "prior_sd": 1.25, "half_life_days": 365, "answer_variance": 0.005,
    "difficulties": {"easy": -1, "medium": 0, "hard": 1, "nbme": 1.5}, "difficulty_sd": 0.6, "difficulty_answers": 10,
    "levels": {"beginner": 30, "intermediate": 50, "advanced": 70, "expert": 85},
    "minimum_answers": 5, "target_mastery": 80, "target_chance": 0.7, "rest_hours": 24
  }', 'The model of mastery. prior: a newcomer. half_life_days: of what is above it. difficulties: in logits; difficulty_answers: how many first answers of others outweigh the label. levels: from which lower bound of the mastery, in percent. minimum_answers: before a milestone completes. target_chance: of adaptive questions; rest_hours: before they come again.');

create function private.study_ability_drift(p_ability double precision[], p_days double precision, p_model jsonb)
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_left double precision := power(2::double precision, -greatest(p_days, 0) / (p_model ->> 'half_life_days')::double precision);
  v_mean double precision := (p_model ->> 'prior_mean')::double precision;
  v_variance double precision := (p_model ->> 'prior_sd')::double precision ^ 2;
begin
  return array[v_left * p_ability[1] + (1 - v_left) * v_mean, v_left ^ 2 * p_ability[2] + (1 - v_left ^ 2) * v_variance];
end;
$$;
comment on function private.study_ability_drift(double precision[], double precision, jsonb) is
  'An ability {mean, variance} after days without answers: an Ornstein-Uhlenbeck process towards the prior of the model (study.mastery).';

create function private.study_ability_answer(
  p_ability double precision[], p_difficulty double precision, p_difficulty_variance double precision, p_guess double precision,
  p_is_correct boolean, p_model jsonb
)
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_variance double precision := p_ability[2] + (p_model ->> 'answer_variance')::double precision;
  v_g double precision := 1 / sqrt(1 + 3 * p_difficulty_variance / pi() ^ 2);
  -- Beyond that exp overflows, and nothing is learned of it.
  v_known double precision := 1 / (1 + exp(-least(greatest(v_g * (p_ability[1] - p_difficulty), -30), 30)));
  v_right double precision := p_guess + (1 - p_guess) * v_known;
  v_slope double precision;
begin
  v_variance := 1 / (1 / v_variance + v_g ^ 2 * (1 - p_guess) * v_known ^ 2 * (1 - v_known) / v_right);
  v_slope := v_g * case when p_is_correct then (1 - p_guess) * v_known * (1 - v_known) / v_right else -v_known end;
  return array[p_ability[1] + v_variance * v_slope, v_variance];
end;
$$;
comment on function private.study_ability_answer(double precision[], double precision, double precision, double precision, boolean, jsonb) is
  'An ability {mean, variance} after an answer to a question of a difficulty (logits) and its variance, with a chance to guess it (0 to below 1). Glickman 1999.';

-- Two estimates of one ability, each made from the same prior: precisions add, and the prior counts once.
create function private.study_merge_abilities(p_one double precision[], p_other double precision[], p_model jsonb)
returns double precision[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_mean double precision := (p_model ->> 'prior_mean')::double precision;
  v_prior double precision := 1 / (p_model ->> 'prior_sd')::double precision ^ 2;
  v_one double precision := greatest(1 / p_one[2], v_prior);
  v_other double precision := greatest(1 / p_other[2], v_prior);
  v_precision double precision := v_one + v_other - v_prior;
begin
  return array[(v_one * p_one[1] + v_other * p_other[1] - v_prior * v_mean) / v_precision, 1 / v_precision];
end;
$$;
comment on function private.study_merge_abilities(double precision[], double precision[], jsonb) is 'What two sets of answers, each estimated by itself, say together.';

create function private.study_ability_percentage(p_mean double precision, p_variance double precision)
returns double precision
language plpgsql -- here and below: called by every answer, and kept planned
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return 100 / (1 + exp(-p_mean / sqrt(1 + pi() * p_variance / 8)));
end;
$$;
comment on function private.study_ability_percentage(double precision, double precision) is
  'Mastery: the chance, in percent, to know a medium question, averaged over the uncertainty (MacKay 1992).';

create function private.study_ability_level(p_mean double precision, p_variance double precision, p_model jsonb)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
declare
  v_levels jsonb := p_model -> 'levels';
  v_sure double precision := private.study_ability_percentage(p_mean - sqrt(p_variance), 0);
begin
  return case
    when v_sure >= (v_levels ->> 'expert')::double precision then 'expert'
    when v_sure >= (v_levels ->> 'advanced')::double precision then 'advanced'
    when v_sure >= (v_levels ->> 'intermediate')::double precision then 'intermediate'
    when v_sure >= (v_levels ->> 'beginner')::double precision then 'beginner'
    else 'novice'
  end;
end;
$$;
comment on function private.study_ability_level(double precision, double precision, jsonb) is
  'The level that an ability reaches for sure: by its lower bound, one standard deviation below the mean.';

create function private.study_guess(p_question_type text, p_options bigint)
returns double precision
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
  return 1 / case p_question_type when 'multiple_choice' then power(2::double precision, p_options) - 2 else p_options::double precision end;
end;
$$;
comment on function private.study_guess(text, bigint) is
  'The chance to guess a question: one of its options, or one of their subsets but none and all.';

create function private.study_model()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return private.setting('study.mastery');
end;
$$;
comment on function private.study_model() is 'The setting study.mastery.';

-- What a question's label says of its difficulty, moved towards what answers say: where those who met it stood, less how well
-- they did beyond guessing. The label weighs as much as difficulty_answers first answers.
create function private.study_item_difficulty(p_question_id uuid, p_version_no integer, p_label text)
returns double precision
language plpgsql
stable
security definer -- reads statistics, which no client reads
set search_path = ''
as $$
declare
  v_model jsonb := private.study_model();
  v_label double precision := (v_model -> 'difficulties' ->> p_label)::double precision;
  v_weight double precision := (v_model ->> 'difficulty_answers')::double precision;
  v_item record;
  v_known double precision;
begin
  select s.first_answers, s.first_correct, s.ability_sum,
    private.study_guess(v.question_type, (select count(*) from study.question_options as o where o.version_id = v.id)) as guess
  into v_item
  from study.question_versions as v
  join study.question_statistics as s on s.version_id = v.id
  where v.question_id = p_question_id and v.version_no = p_version_no;
  if not found or v_item.first_answers = 0 then
    return v_label;
  end if;
  v_known := ((v_item.first_correct + 0.5::double precision) / (v_item.first_answers + 1) - v_item.guess) / (1 - v_item.guess);
  v_known := least(greatest(v_known, 0.02), 0.98);
  return round((
    (v_weight * v_label + v_item.first_answers * (v_item.ability_sum / v_item.first_answers - ln(v_known / (1 - v_known))))
      / (v_weight + v_item.first_answers)
  )::numeric, 2);
end;
$$;
comment on function private.study_item_difficulty(uuid, integer, text) is
  'Difficulty of a version of a question in logits: its label, outweighed by the first answers to it (study.question_statistics).';

create function private.tg_questions__estimate_difficulty()
returns trigger
language plpgsql
security definer -- reads statistics
set search_path = ''
as $$
begin
  new.difficulty_estimate := private.study_item_difficulty(new.id, new.current_version, new.difficulty);
  return new;
end;
$$;
comment on function private.tg_questions__estimate_difficulty() is 'Trigger: difficulty_estimate of a new label or version.';
create trigger _400_estimate_difficulty
  before insert or update of difficulty, current_version, difficulty_estimate on study.questions
  for each row execute function private.tg_questions__estimate_difficulty();

-- The statistics of a version change in the background, some answers at a time.
create function private.tg_question_statistics__estimate_difficulty()
returns trigger
language plpgsql
security definer -- writes questions for whoever folds statistics
set search_path = ''
as $$
begin
  update study.questions as q
  set difficulty_estimate = 0 -- the trigger of questions computes it
  from study.question_versions as v
  where q.id = new.question_id and v.id = new.version_id and v.question_id = q.id and v.version_no = q.current_version
    and q.difficulty_estimate is distinct from private.study_item_difficulty(q.id, q.current_version, q.difficulty);
  return null;
end;
$$;
comment on function private.tg_question_statistics__estimate_difficulty() is 'Trigger: first answers to the present version move the difficulty of the question.';
create trigger _400_estimate_difficulty
  after insert or update of first_answers, first_correct, ability_sum on study.question_statistics
  for each row execute function private.tg_question_statistics__estimate_difficulty();

update study.questions as q set difficulty_estimate = 0;

revoke execute on function
  private.study_ability_drift(double precision[], double precision, jsonb),
  private.study_ability_answer(double precision[], double precision, double precision, double precision, boolean, jsonb),
  private.study_merge_abilities(double precision[], double precision[], jsonb),
  private.study_ability_percentage(double precision, double precision),
  private.study_ability_level(double precision, double precision, jsonb),
  private.study_guess(text, bigint), private.study_model(), private.study_item_difficulty(uuid, integer, text),
  private.tg_questions__estimate_difficulty(), private.tg_question_statistics__estimate_difficulty()
  from public, anon, authenticated;
