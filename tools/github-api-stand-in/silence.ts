import { GithubStandIn } from './stand-in';

/**
 * Requests that the stand-in leaves without a response are given up at once, and no others: after a time in milliseconds a busy machine
 * would give up some that it responds to. For clients in the test's own process; `jest.restoreAllMocks()` ends it.
 */
export function giveUpWhenSilent(github: GithubStandIn): void {
  let pending: AbortController[] = [];
  jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const request = new AbortController();
    pending.push(request);
    return request.signal;
  });
  github.onSilence = () => {
    for (const request of pending) request.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    pending = [];
  };
}
