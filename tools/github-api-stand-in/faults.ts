import { WireRequest } from './specification';

/** Something GitHub does to a client now and then. */
export type Misbehaviour =
  /** Responds with this, the request is not applied. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** Tears the connection down, the request is not applied. */
  | { readonly kind: 'reset' }
  /** Takes the request and never responds; it is not applied. */
  | { readonly kind: 'hang' }
  /** Applies the request and never responds. */
  | { readonly kind: 'applyUnheard' }
  /** Applies the request and responds after `ms`. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Applies the request and tears the connection down before the response. */
  | { readonly kind: 'dropReply' }
  /** Applies the request and tears the connection down in the middle of the response. */
  | { readonly kind: 'halfReply' }
  /** Holds the request back and applies it only with the call of `GithubStandIn.applyHeldBack()`. */
  | { readonly kind: 'applyLate' }
  /** Holds the request back; applies it, and responds, only with the call of `GithubStandIn.applyHeldBack()`. */
  | { readonly kind: 'hold' }
  /** Responds with 200 and something that is no JSON, the request is not applied. */
  | { readonly kind: 'garbage' };

export interface Fault {
  /** @default every method */
  readonly method?: string;
  /** Matches the path with its query. @default every path */
  readonly path?: RegExp;
  /** How many matching requests it hits. @default 1 */
  readonly times?: number;
  /** How many matching requests it lets pass before. @default 0 */
  readonly after?: number;
  readonly misbehaviour: Misbehaviour;
}

/** The faults a test has scripted, used up in order. */
export class FaultScript {
  private readonly pending: { readonly fault: Fault; left: number; passing: number }[] = [];

  public add(fault: Fault): void {
    this.pending.push({ fault, left: fault.times ?? 1, passing: fault.after ?? 0 });
  }

  /** Scripted faults that no request has hit yet: a test that expects them all can ask. */
  public get unused(): number {
    return this.pending.reduce((sum, { left }) => sum + left, 0);
  }

  public clear(): void {
    this.pending.length = 0;
  }

  public for(request: WireRequest): Misbehaviour | undefined {
    const query = new URLSearchParams(request.query).toString();
    const target = query ? `${request.path}?${query}` : request.path;
    for (const entry of this.pending) {
      const { method, path, misbehaviour } = entry.fault;
      if (entry.left === 0 || (method && method !== request.method) || (path && !path.test(target))) continue;
      if (entry.passing > 0) {
        entry.passing -= 1;
        continue;
      }
      entry.left -= 1;
      return misbehaviour;
    }
    return undefined;
  }
}
