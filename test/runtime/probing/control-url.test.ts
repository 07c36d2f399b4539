import { respond, MisbehavingServer } from '../../misbehaving-server';
import { World } from '../world';

// The bundled runtime, as a real process.

let world: World;
let control: MisbehavingServer;

beforeEach(async () => {
  control = await MisbehavingServer.start();
  world = await World.create('redeploy', { controlUrl: control.url });
  expect((await world.ship('v1')).code).toBe(0);
  world.shortenDeadline();
  // the baseline of the very first deployment found nothing
  control.received.length = 0;
});

afterEach(async () => {
  await world.destroy();
  await control.stop();
});

test('rule 6: a service that is gone is rolled back while the control URL responds, whatever it returns', async () => {
  control.behave(respond(500));
  const { code, output } = await world.ship('v2', 'reset');
  expect(output).toContain('v1 is live again, verified');
  expect([code, world.served]).toEqual([1, 'v1']);
  expect(control.received.length).toBeGreaterThan(0);
});

test('the control URL is not probed while the service responds', async () => {
  expect((await world.ship('v2')).code).toBe(0);
  expect((await world.ship('v3', 'error')).code).toBe(1);
  expect(control.received).toEqual([]);
});

test('rule 6: where the control URL does not respond either, nothing is rolled back: the deployment is halted, and says both', async () => {
  await control.stop();
  const { code, output } = await world.ship('v2', 'reset');
  expect(output).toContain('no response (connection reset); the control URL does not respond either');
  expect(output).toContain('production is halted');
  expect([code, world.served]).toEqual([3, 'v2']);
});
