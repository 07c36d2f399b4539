import { NOW, sampleData } from './sample';
import { Measurements, readMeasured } from '../../../src/runtime/status-page/measurements';
import { KEEP_COUNT, NO_DATA, readData, withFindings, withMeasured, writeData } from '../../../src/runtime/status-page/status-data';

const measured = (by: string, at = NOW): Measurements => ({ by, at, environments: [{ name: 'production', checks: [{ name: 'api', mark: 'healthy', latencyMs: 12 }], firing: [], pending: [] }] });
const runs = (data: typeof NO_DATA) => data.environments.production.checks.api.runs.length;

it('what a run measured is added once, however often it is given', () => {
  const once = withMeasured(NO_DATA, measured('7.1.a'), NOW);
  expect(runs(withMeasured(once, measured('7.1.a'), NOW))).toBe(1);
  expect(runs(withMeasured(once, measured('8.1.a'), NOW))).toBe(2);
});

it('a run that is late does not hide a newer look', () => {
  const data = withMeasured(withMeasured(NO_DATA, measured('8.1.a', NOW), NOW), measured('7.1.a', NOW - 60_000), NOW);
  expect(data.environments.production.latest?.at).toBe(NOW);
  expect(runs(data)).toBe(2);
});

it('a run whose clock was ahead hides no later look', () => {
  const ahead = NOW + 30 * 86_400_000;
  const data = withMeasured(withMeasured(NO_DATA, measured('7.1.a', ahead), ahead), measured('8.1.a', NOW), NOW);
  expect(data.environments.production.latest?.at).toBe(NOW);
});

it('an environment that was being deployed is measured no more, and nothing is made up', () => {
  const data = withMeasured(NO_DATA, { ...measured('7.1.a'), environments: [{ name: 'production', checks: [], firing: [], pending: [] }] }, NOW);
  expect(data.environments.production.overall.runs).toEqual([]);
});

it('attempts and alerts are kept once, the newer one, and bounded', () => {
  const spans = Array.from({ length: 300 }, (_, i) => ({ id: String(i), check: 'api', since: NOW - i * 1000 }));
  let data = withFindings(NO_DATA, 'production', { attempts: [], alerts: spans, episodes: [] }, NOW);
  data = withFindings(data, 'production', { attempts: [], alerts: [{ ...spans[0], until: NOW }], episodes: [] }, NOW);
  expect(data.environments.production.alerts).toHaveLength(KEEP_COUNT);
  expect(data.environments.production.alerts[0]).toMatchObject({ id: '0', until: NOW });
});

it('is written and read back', () => {
  const data = sampleData();
  expect(readData(writeData(data))).toEqual(data);
  expect(writeData(data)).toMatch(/^ *\[\d+,"healthy",\d+\],?$/m);
  const name = 'p95 in [ 0, 1 s ]';
  const looked = withMeasured(NO_DATA, { by: '1', at: NOW, environments: [{ name: 'production', checks: [{ name, mark: 'healthy' }], firing: [], pending: [] }] }, NOW);
  expect(readData(writeData(looked))).toEqual(looked);
});

it.each([
  ['nothing', ''],
  ['no JSON', '<html>'],
  ['of another program', '{"schema":1}'],
  ['one whose lists are none', '{"writtenBy":"projen-delivery","schema":1,"measuredBy":[],"environments":{"production":{}}}'],
  ['one with a series that is none', '{"writtenBy":"projen-delivery","schema":1,"measuredBy":[],"environments":[["production",{"overall":{"runs":[["<script>"]],"hours":[],"days":[]},"checks":[],"attempts":[],"alerts":[],"episodes":[]}]]}'],
])('%s is not taken for data', (_, text) => {
  expect(readData(text)).toBeUndefined();
});

it('a newer schema is known as such', () => {
  expect(readData(writeData(NO_DATA).replace('"schema": 1', '"schema": 2'))).toBe('newer');
});

it.each([null, {}, { by: '1', at: 'now', environments: [] }, { by: '1', at: 1, environments: [{ name: 'x' }] }, {
  by: '1', at: 1, environments: [{ name: 'x', checks: [{ name: 'y', mark: 'fine' }], firing: [], pending: [] }],
}])('measurements that are none: %j', (value) => {
  expect(readMeasured(value)).toBeUndefined();
});
