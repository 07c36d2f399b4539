/**
 * The process that notifies dies at a point of it, or the machine before it: nothing is lost, and what may be notified a second time has the same
 * id. A later job of the run makes up for it, or the next run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrashWorld, How, Point } from '../../../tools/model-checker/crashes/crash-world';
import { Receiver } from '../../runtime/notifications/receiver';

let root: string;
let receiver: Receiver;
let world: CrashWorld;
let points: readonly Point[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-telling-'));
  receiver = await Receiver.start();
  world = await CrashWorld.create(join(root, 'world'), { strategy: 'redeploy', webhook: receiver.address });
  await world.push('v1');
  ({ points } = await world.push('v2', 'bad'));
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
  rmSync(root, { recursive: true, force: true });
});

it('nothing dies: each is notified once', () => {
  expect(notified()).toEqual({ 'deployed v1': 1, 'rolledBack v2': 1 });
});

describe.each<[string, RegExp, RegExp, How, number]>([
  // what the process did is done, and not noted
  ['after telling, before noting it', / notify production$/, /^after POST http/, 'SIGKILL', 2],
  ['before telling', / notify production$/, /^before POST http/, 'SIGKILL', 1],
  ['after noting it', / notify production$/, /^after POST \/deployments\/#\/statuses rolledBack/, 'SIGKILL', 1],
  ['the machine, after the rollback was noted', / deploy production$/, /^after POST \/deployments\/#\/statuses rolledBack/, 'runner lost', 1],
])('dies %s', (_, where, name, how, times) => {
  it('the next process notifies, and the next run notifies nothing again', async () => {
    const point = points.find((one) => where.test(one.where) && name.test(one.name));
    expect(point).toBeDefined();
    await world.begin();
    receiver.forget();
    await world.push('v1');
    await world.push('v2', 'bad', [{ ...point!, where: point!.where.replace(/^\d+/, '1002'), how }]);
    await world.push('v3');

    expect(notified()).toEqual({ 'deployed v1': 1, 'rolledBack v2': times, 'deployed v3': 1 });
    expect(new Set(receiver.bodies.map(({ id }) => id)).size).toBe(3);
    expect(world.api.violations).toEqual([]);
  });
});

/** How often each was notified. */
function notified(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { event, release } of receiver.bodies) {
    const what = `${String(event)} ${(release as { version: string }).version}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
