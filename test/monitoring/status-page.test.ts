/** What monitoring.statusPage synthesizes and refuses. */
import { Project } from 'projen';
import { DeliveryOptions, HealthCheck, StatusPage, Trigger } from '../../src';
import { deliver, environment, plainProject, synthesize, Synthesized, withTasks } from '../test-project';
import { validate } from '../validators/validate';

function paged(statusPage: StatusPage | undefined, rest: Partial<DeliveryOptions> = {}): Synthesized {
  const project = plainProject();
  deliver(project, { monitoring: { statusPage }, ...rest });
  return synthesize(project);
}

const guarded = environment('guarded', {
  trigger: Trigger.tag('w*'), monitorEnvironment: 'guarded-monitor', healthChecks: [HealthCheck.http('https://g.example.com/health', { secretRequestHeaders: { 'x-key': 'API_KEY' } })],
});
const BOTH = { environments: [environment('staging'), guarded] };
const DOWNLOAD = /^actions\/download-artifact@[0-9a-f]{40}$/;
const UPLOAD = /^actions\/upload-artifact@[0-9a-f]{40}$/;

describe('a branch', () => {
  it('is written in the one job there is, which alone may, whatever the watch found', async () => {
    const synthesized = paged(StatusPage.branch('delivery-status'));
    const { watch } = synthesized.monitor.jobs;
    expect(watch.permissions).toMatchObject({ contents: 'write' });
    expect(watch.steps!.map(({ id }) => id)).toEqual(['checkout', 'watch', 'page']);
    expect(watch.steps![2]).toMatchObject({
      if: '${{ !cancelled() }}',
      run: 'exec node .projen/delivery.cjs page',
      env: { GITHUB_TOKEN: '${{ github.token }}', DELIVERY_MEASURED: '${{ steps.watch.outputs.measured }}' },
    });
    expect(synthesized.manifest.monitoring!.statusPage).toEqual({ kind: 'branch', branch: 'delivery-status' });
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });

  it('is written in a job of its own after several, and no job with secrets may write', async () => {
    const synthesized = paged(StatusPage.branch('delivery-status'), BOTH);
    const { status_page: page, ...others } = synthesized.monitor.jobs;
    expect(page).toMatchObject({ needs: ['watch', 'watch_guarded'], permissions: { contents: 'write', deployments: 'read' } });
    expect(page.permissions).not.toHaveProperty('actions');
    expect(page.steps!.at(-1)!.env!.DELIVERY_MEASURED).toBe('${{ needs.watch.outputs.measured }}\n${{ needs.watch_guarded.outputs.measured }}');
    for (const other of Object.values(others)) expect(other.permissions).toMatchObject({ contents: 'read' });
    expect(JSON.stringify(page)).not.toContain('secrets.');
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });

  it.each(['', 'refs/heads/x y', '-x', 'a..b', 'x.lock', '${{ x }}', 'a'.repeat(40).replace(/a/g, '0'), '$(id)'])('%j is no name of one', (name) => {
    expect(() => StatusPage.branch(name)).toThrow(/^StatusPage\.branch name: .* is not a valid branch name\. Write a name such as delivery-status/);
  });

  it('is named without refs/heads/', () => {
    expect(() => StatusPage.branch('refs/heads/delivery-status')).toThrow('StatusPage.branch name: \'refs/heads/delivery-status\' is a ref. Write the name of the branch: \'delivery-status\'');
  });

  it('that is deployed is rejected', () => {
    const project = plainProject();
    deliver(project, { monitoring: { statusPage: StatusPage.branch('main') } });
    expect(() => synthesize(project)).toThrow('Delivery monitoring.statusPage: the branch \'main\' triggers deployments. Use a separate branch for the page, for example StatusPage.branch(\'delivery-status\')');
  });
});

describe('an artifact', () => {
  it('is made of the one before, and kept for a while', async () => {
    const synthesized = paged(StatusPage.artifact());
    const { watch } = synthesized.monitor.jobs;
    expect(watch.permissions).toMatchObject({ contents: 'read', actions: 'write' });
    const [, , before, page, keep] = watch.steps!;
    expect(before).toMatchObject({ 'if': '${{ !cancelled() && steps.watch.outputs.page_run != \'\' }}', 'uses': expect.stringMatching(DOWNLOAD) as string, 'continue-on-error': true });
    expect(page.run).toBe('exec node .projen/delivery.cjs page --out "$RUNNER_TEMP/delivery-status" --from "$RUNNER_TEMP/delivery-status-before"');
    expect(keep).toMatchObject({ uses: expect.stringMatching(UPLOAD) as string, with: { 'name': 'delivery-status', 'retention-days': 3 } });
    expect(await validate(synthesized.workflowText('monitor'), 'monitor.yml')).toEqual([]);
    expect(await validate(paged(StatusPage.artifact(), BOTH).workflowText('monitor'), 'monitor.yml')).toEqual([]);
  });
});

it('without it nothing of it is there', () => {
  const { monitor, manifest } = paged(undefined, BOTH);
  expect(JSON.stringify(monitor)).not.toMatch(/page|measured/);
  expect(manifest.monitoring).not.toHaveProperty('statusPage');
  expect(Object.values(monitor.jobs).map(({ permissions }) => (permissions as { contents: string }).contents)).toEqual(['read', 'read']);
});

it('a subproject has an artifact and a page of its own', () => {
  const root = plainProject();
  deliver(withTasks(new Project({ name: '@acme/api', parent: root, outdir: 'services/api' })), { monitoring: { statusPage: StatusPage.artifact() } });
  const text = synthesize(root).workflowText('monitor_acme-api');
  expect(text).toContain('name: delivery-status_acme-api');
  expect(text).toContain('--from "$RUNNER_TEMP/delivery-status-before" --project acme-api');
});
