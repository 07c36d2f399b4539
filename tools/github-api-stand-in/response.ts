import { WireRequest } from './specification';

/** What a job's `permissions:` grant its token. */
export type Permissions = Partial<Record<'actions' | 'contents' | 'deployments' | 'issues' | 'pages' | 'pull-requests', 'read' | 'write'>>;

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

export interface ApiResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Operations by the ids of GitHub's description. */
export type Operations = Record<string, (call: Call) => ApiResponse>;

export function ok(body: unknown): ApiResponse {
  return { status: 200, body };
}

export function problem(status: number, message: string): ApiResponse {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) } };
}

/** A response that ends an operation wherever it is thrown. */
export class RejectedRequest extends Error {
  constructor(public readonly status: number, message: string) {
    super(message);
    this.name = 'Refused';
  }
}

/** GitHub responds with 422 and this. */
export class ValidationFailed extends Error {
  constructor(public readonly resource: string, public readonly field: string, reason: string) {
    super(reason);
    this.name = 'ValidationFailed';
  }
}

/** What GitHub says to what was thrown; rethrows what is the stand-in's own fault. */
export function responseTo(error: unknown): ApiResponse {
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
