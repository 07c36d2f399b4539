/** Pages of GitHub's lists that come slowly, on the bundled runtime: most of the time it waits. */
import { requestsPerCommand } from './requests-per-command';

test('pages that take 700 ms blind no look between the phases', async () => {
  // a look that times out says so, and that would be an error here
  expect(await requestsPerCommand(1000, 'redeploy', 700)).toMatchObject({ deploy: expect.any(Number) as number });
});
