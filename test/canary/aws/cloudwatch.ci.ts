/**
 * Metric.cloudWatch with the real AWS CLI against ministack, an emulator of AWS: what the CLI accepts and prints. .ci/targets/lambda starts the
 * emulator. The emulator counts no versions of an alias, so the data are put there.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metric } from '../../../src';
import { metricSourceOf } from '../../../src/runtime/metrics/open-metric-source';
import { metricContext, UNSTOPPED } from '../../runtime/metrics/metric-context';
import { temporaryFolder } from '../../test-project';

function aws(...args: string[]): unknown {
  const output = execFileSync('aws', [...args, '--output', 'json'], { encoding: 'utf8' });
  return output.trim() === '' ? undefined : JSON.parse(output);
}

const MINUTE = 60_000;
/** In the minute that a scrape at this moment counts last. One for all data: the minute may end between two calls of the CLI. */
const COUNTED_MS = (Math.floor(Date.now() / MINUTE) - 3) * MINUTE + 30_000;

function put(name: string, value: number, dimensions: Record<string, string>, namespace = 'AWS/Lambda'): void {
  const timestamp = new Date(COUNTED_MS).toISOString();
  const named = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const data = [{ MetricName: name, Dimensions: named, Timestamp: timestamp, Value: value, Unit: 'Count' }];
  aws('cloudwatch', 'put-metric-data', '--namespace', namespace, '--metric-data', JSON.stringify(data));
}

/** With the emulator as the region, and with as much time as a busy machine needs. */
function scrape(options: Parameters<typeof Metric.cloudWatch>[0], now = Date.now) {
  const clock = { ...metricContext().clock, now };
  const manifest = { ...Metric.cloudWatch(options)._manifest, timeoutMs: 120_000 };
  return metricSourceOf(manifest, metricContext({ clock, processEnv: process.env })).scrape(UNSTOPPED);
}

/** A moment whose last counted minute is the one of the data. */
const at = () => COUNTED_MS + 2 * MINUTE;

test('the versions of an alias that shares its traffic', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => "ok";\n');
  execFileSync('python3', ['-c', 'import zipfile; zipfile.ZipFile("code.zip", "w").write("index.js")'], { cwd: folder });
  const name = `canary-${process.pid}`;
  aws('lambda', 'create-function', '--function-name', name, '--runtime', 'nodejs20.x', '--role', 'arn:aws:iam::000000000000:role/x', '--handler', 'index.handler', '--zip-file', `fileb://${join(folder, 'code.zip')}`);
  const versionOf = () => (aws('lambda', 'publish-version', '--function-name', name) as { Version: string }).Version;
  const stable = versionOf();
  aws('lambda', 'update-function-configuration', '--function-name', name, '--description', 'two');
  const canary = versionOf();
  expect(canary).not.toBe(stable);
  aws('lambda', 'create-alias', '--function-name', name, '--name', 'live', '--function-version', stable);
  const lambda = { functionName: name, alias: 'live' };
  expect(await scrape({ lambdaAlias: lambda })).toMatchObject({ problem: `the alias ${name}:live does not share its traffic between two versions` });
  aws('lambda', 'update-alias', '--function-name', name, '--name', 'live', '--routing-config', JSON.stringify({ AdditionalVersionWeights: { [canary]: 0.05 } }));
  expect(await scrape({ lambdaAlias: lambda })).toMatchObject({ problem: `CloudWatch has no Invocations of Canary yet (FunctionName=${name}, Resource=${name}:live, ExecutedVersion=${canary})` });
  const dimensions = (version: string) => ({ FunctionName: name, Resource: `${name}:live`, ExecutedVersion: version });
  for (const value of [40, 10]) put('Invocations', value, dimensions(canary));
  put('Errors', 3, dimensions(canary));
  put('Invocations', 900, dimensions(stable));
  const measuredAtMs = Math.floor((at() - MINUTE) / MINUTE) * MINUTE;
  const [canaryCounts, stableCounts] = [{ requests: 50, errors: 3, measuredAtMs }, { requests: 900, errors: 0, measuredAtMs }];
  expect(await scrape({ lambdaAlias: lambda }, at)).toMatchObject({ canary: canaryCounts, stable: stableCounts });
});

test('target groups', async () => {
  const targetGroups = { loadBalancer: 'app/shop/50dc6c495c0c9188', blue: 'targetgroup/b/6d0ecf831eec9f09', green: 'targetgroup/g/73e2d6bc24d8a067' };
  const dimensions = (group: string) => ({ LoadBalancer: targetGroups.loadBalancer, TargetGroup: group });
  put('RequestCount', 70, dimensions(targetGroups.green), 'AWS/ApplicationELB');
  put('HTTPCode_Target_5XX_Count', 2, dimensions(targetGroups.green), 'AWS/ApplicationELB');
  put('TargetConnectionErrorCount', 1, dimensions(targetGroups.green), 'AWS/ApplicationELB');
  put('RequestCount', 700, dimensions(targetGroups.blue), 'AWS/ApplicationELB');
  expect(await scrape({ targetGroups }, at)).toMatchObject({ canary: { requests: 70, errors: 3 }, stable: { requests: 700, errors: 0 } });
});

test('a function that is not there, and a region that does not respond', async () => {
  expect(await scrape({ lambdaAlias: { functionName: 'missing', alias: 'live' } })).toMatchObject({ problem: expect.stringMatching(/^AWS does not know the function or its alias \(lambda get-alias: ResourceNotFoundException/) });
  const processEnv = { ...process.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
  const manifest = Metric.cloudWatch({ targetGroups: { loadBalancer: 'app/x/50dc6c495c0c9188', blue: 'targetgroup/b/6d0ecf831eec9f09', green: 'targetgroup/g/73e2d6bc24d8a067' } })._manifest;
  expect(await metricSourceOf({ ...manifest, timeoutMs: 4_000 }, metricContext({ processEnv })).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^CloudWatch (did not respond \(cloudwatch get-metric-data: Could not connect|does not respond within 4 s)/) });
});
