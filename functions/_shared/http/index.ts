// What a function needs to answer HTTP.

export { type Call, endpoint, type EndpointOptions, type Handler } from "./endpoint.ts";
export {
  type ErrorBody,
  errorBody,
  fail,
  type Failure,
  type FailureOptions,
  ok,
  type Result,
  type Success,
} from "./result.ts";
export {
  type DatabaseError,
  databaseFailure,
  failFrom,
  UnexpectedDatabaseError,
} from "./database-error.ts";
export { type FieldIssue, parseJson, readBytes, validate } from "./body.ts";
export { eventStream, type EventWriter } from "./event-stream.ts";
