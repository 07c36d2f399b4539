import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'projen';
import { parse } from 'yaml';
import { shop } from '../.projenrc';

const files = Testing.synth(shop({ outdir: mkdtempSync(join(tmpdir(), 'shop-')) })) as Record<string, string>;

/** A change of .projenrc.ts, or a new version of projen-delivery, shows here what it does to the jobs. */
test.each(['deploy', 'rollback'])('%s.yml is what was reviewed', (name) => {
  expect(files[`.github/workflows/${name}.yml`]).toMatchSnapshot();
});

/** The part of a job that this test reads. */
interface Job {
  readonly environment?: { readonly name: string };
  readonly needs?: string | readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
}

/** One guarantee, without a snapshot. */
test('two jobs enter the environment production: after its plan, and after a deployment', () => {
  const { jobs } = parse(files['.github/workflows/deploy.yml']) as { readonly jobs: Readonly<Record<string, Job>> };
  const entering = Object.entries(jobs).filter(([, { environment }]) => environment?.name === 'production');
  const permissions = { contents: 'read', deployments: 'write', actions: 'read' };
  expect(entering.map(([id, job]) => ({ id, needs: job.needs, permissions: job.permissions }))).toEqual([
    { id: 'deploy_production', needs: 'environment_production', permissions },
    { id: 'rollback_production', needs: ['deploy_production', 'monitor_production'], permissions },
  ]);
});
