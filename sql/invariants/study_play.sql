-- Play: experience is the sum of its ledger, totals and days agree with it and with each other, streaks follow from the days,
-- boards show what was earned and only of those who wish it. They hold because only the ledger's trigger moves experience, and
-- everything else moves in one transaction with the learner locked. The query is a view, so that the tests run it in the
-- middle of their transactions, and a task every day.

select rule, id, detail from private.study_play_violations;
