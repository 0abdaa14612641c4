// Keeps concurrent requests apart on PGlite, which has one session only.
//
// Lite's own driver sends a bare BEGIN, so the statements of another request run inside whatever
// transaction is open and see that user's claims. Here a transaction holds PGlite's lock from BEGIN
// to COMMIT, and whatever else arrives waits for its turn.
import type { PGlite, Results, Transaction } from "@electric-sql/pglite";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";

class IsolatedConnection implements DatabaseConnection {
  private readonly pg: PGlite;
  private transaction: Transaction | undefined;
  private finish: ((outcome: "commit" | "rollback") => void) | undefined;
  private finished: Promise<void> | undefined;

  constructor(pg: PGlite) {
    this.pg = pg;
  }

  async begin(): Promise<void> {
    await new Promise<void>((started, failed) => {
      this.finished = this.pg.transaction(async (transaction) => {
        this.transaction = transaction;
        const outcome = await new Promise<"commit" | "rollback">((finish) => {
          this.finish = finish;
          started();
        });
        if (outcome === "rollback") await transaction.rollback();
      });
      this.finished.catch(failed);
    });
  }

  async end(outcome: "commit" | "rollback"): Promise<void> {
    const { finish, finished } = this;
    this.transaction = this.finish = this.finished = undefined;
    finish?.(outcome);
    await finished;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const runner = this.transaction ?? this.pg;
    const result: Results<R> = await runner.query<R>(query.sql, [...query.parameters]);
    const { affectedRows } = result;
    return {
      rows: result.rows,
      ...(affectedRows === undefined ? {} : { numAffectedRows: BigInt(affectedRows) }),
    };
  }

  // deno-lint-ignore require-yield -- the interface asks for a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("PGlite cannot stream a query.");
  }
}

class IsolatedDriver implements Driver {
  private readonly pg: PGlite;

  constructor(pg: PGlite) {
    this.pg = pg;
  }

  init = () => Promise.resolve();
  destroy = () => Promise.resolve();
  acquireConnection = () => Promise.resolve(new IsolatedConnection(this.pg));
  releaseConnection = () => Promise.resolve();
  beginTransaction = (connection: DatabaseConnection) => (connection as IsolatedConnection).begin();
  commitTransaction = (connection: DatabaseConnection) =>
    (connection as IsolatedConnection).end("commit");
  rollbackTransaction = (connection: DatabaseConnection) =>
    (connection as IsolatedConnection).end("rollback");
}

export function isolated(pg: PGlite): Kysely<unknown> {
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new IsolatedDriver(pg),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
