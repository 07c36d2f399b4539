/** Some languages' maps have no order (`Map.of` in Java): what a user did not change must leave no diff. */
import { HealthCheck, ReleaseIdentity } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

type Entries = [string, string][];

function manifestOf(order: (entries: Entries) => Entries): string {
  const record = (entries: Entries) => Object.fromEntries(order(entries));
  const project = plainProject();
  deliver(project, {
    variables: record([['REGION', 'eu'], ['ALPHA', '1']]),
    environments: [environment('staging', {
      variables: record([['ZONE', 'b'], ['API_URL', 'https://api.example.com']]),
      monitorEnvironment: 'staging-monitor',
      healthChecks: [HealthCheck.http('https://staging.example.com', {
        release: ReleaseIdentity.json('version'),
        requestHeaders: record([['x-probe', 'yes'], ['accept', 'application/json']]),
        secretRequestHeaders: record([['x-token', 'TOKEN'], ['authorization', 'AUTHORIZATION']]),
      })],
    })],
  });
  const synthesized = synthesize(project);
  return synthesized.text('.projen/delivery.json') + synthesized.deployText + synthesized.workflowText('rollback');
}

it('writes variables and headers the same, in whatever order they come', () => {
  expect(manifestOf((entries) => entries.reverse())).toBe(manifestOf((entries) => entries));
});
