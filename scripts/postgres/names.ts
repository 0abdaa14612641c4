// Names that several of the programs here use.

/** The database of `npm start -- --native` and of `npm run postgres -- psql`. */
export const mainDatabase = "lyceum";

/** Databases of one run of tests or checks begin with this, and are dropped after it. */
export const runPrefix = "lyceum_run_";
