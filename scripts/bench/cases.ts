// Every case, in the order in which they run.
import { auditCases } from "./cases/audit.ts";
import { httpCase } from "./cases/http.ts";
import { bookingCase } from "./cases/market-booking.ts";
import { marketSearchCase } from "./cases/market-search.ts";
import { marketSlotsCase } from "./cases/market-slots.ts";
import { originalityCase } from "./cases/originality.ts";
import { queueCases } from "./cases/queue.ts";
import { rlsCases } from "./cases/rls.ts";
import { searchCase } from "./cases/search.ts";
import { chatCases } from "./cases/social-chat.ts";
import { feedCase } from "./cases/social-feed.ts";
import { socialSearchCase } from "./cases/social-search.ts";
import { votesCases } from "./cases/social-votes.ts";
import { studyAttemptsCase } from "./cases/study-attempts.ts";
import { coachCase } from "./cases/study-coach.ts";
import { studyDashboardCase } from "./cases/study-dashboard.ts";
import { studyIngestCase } from "./cases/study-ingest.ts";
import { studyLeaderboardCase } from "./cases/study-leaderboard.ts";
import { studyMemoryCase } from "./cases/study-memory.ts";
import { studySearchCase } from "./cases/study-search.ts";
import { sustainedCase } from "./cases/sustained.ts";
import { timetableCase } from "./cases/timetable.ts";
import type { BenchCase } from "./types.ts";

export const cases: BenchCase[] = [
  ...queueCases,
  sustainedCase,
  ...rlsCases,
  ...auditCases,
  originalityCase,
  searchCase,
  feedCase,
  ...chatCases,
  ...votesCases,
  socialSearchCase,
  httpCase,
  timetableCase,
  bookingCase,
  marketSlotsCase,
  marketSearchCase,
  coachCase,
  studySearchCase,
  studyIngestCase,
  studyAttemptsCase,
  studyDashboardCase,
  studyMemoryCase,
  studyLeaderboardCase,
];
