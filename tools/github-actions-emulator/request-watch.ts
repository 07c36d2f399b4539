import { GithubStandIn, LoggedRequest } from '../github-api-stand-in/stand-in';

/**
 * Calls `act` once, when the stand-in has received the first request that fits: before it is applied and responded to. A runner that is
 * lost then never gets its response; that it is not applied either, `api.fail(...)` can say.
 */
export function atRequest(api: GithubStandIn, fits: (request: LoggedRequest) => boolean, act: () => void): void {
  const { requests } = api;
  const push = requests.push;
  requests.push = (...received) => {
    const length = push.apply(requests, received);
    if (received.some(fits)) {
      requests.push = push;
      act();
    }
    return length;
  };
}
