import { WireRequest } from './specification';

/** What a job's `permissions:` grant its token. */
export type Permissions = Partial<Record<'actions' | 'contents' | 'deployments' | 'issues', 'read' | 'write'>>;

/** The requester. */
export interface Caller {
  readonly login: string;
  readonly permissions: Permissions;
}

/** A valid request of an authorized client. */
export interface Call {
  readonly request: WireRequest;
  readonly caller: Caller;
  /** The values of the path's parameters. */
  readonly parameters: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Operations by the ids of GitHub's description. */
export type Operations = Record<string, (call: Call) => Answer>;

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function problem(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

/** An answer that ends an operation wherever it is thrown. */
export class RejectedRequest extends Error {
  constructor(public readonly status: number, message: string) {
    super(message);
    this.name = 'Refused';
  }
}

/** GitHub answers 422 with this. */
export class ValidationFailed extends Error {
  constructor(public readonly resource: string, public readonly field: string, reason: string) {
    super(reason);
    this.name = 'ValidationFailed';
  }
}

/** What GitHub says to what was thrown; rethrows what is the stand-in's own fault. */
export function answerOf(error: unknown): Answer {
  if (error instanceof RejectedRequest) return problem(error.status, error.message);
  if (!(error instanceof ValidationFailed)) throw error;
  return {
    status: 422,
    body: {
      message: 'Validation Failed',
      errors: [{ resource: error.resource, field: error.field, code: 'custom', message: error.message }],
      documentation_url: 'https://docs.github.com/rest',
    },
  };
}
