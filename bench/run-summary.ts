/**
 * `ts-node -T bench/run-summary.ts <file>`: writes the job summary of an executed run, as Markdown. The workflow of examples/shop deploys a good
 * release to production, then one that responds with 500 once users reach it. The summary is the second run's: of the job that rolled it back.
 */
import { writeFileSync } from 'node:fs';
import { abandonAtExit, logOf, ShopStage } from './shop-stage';
import { ReleaseKind, ReleaseOptions } from '../test/examples/workspace';

const JOB = 'deploy_production';

async function deploy(stage: ShopStage, kind: ReleaseKind, options: ReleaseOptions & { tag: string }): Promise<string> {
  const release = await stage.shop.commitRelease(kind, options);
  const staged = await stage.run(release, 'refs/heads/main');
  if (staged.conclusion !== 'success') throw new Error(`staging did not take ${release.version}:\n${logOf(staged)}`);
  return (await stage.run(release, `refs/tags/${options.tag}`)).jobs[JOB].summary;
}

async function main(file: string): Promise<void> {
  const stage = await ShopStage.open('.projenrc.ts');
  const forget = abandonAtExit(stage);
  try {
    await deploy(stage, 'good', { tag: 'v1.0.0' });
    const summary = await deploy(stage, 'bad', { tag: 'v1.1.0', environment: 'production', afterRequests: 4 });
    if (!summary.includes('mermaid')) throw new Error(`the job ${JOB} left no picture in its summary:\n${summary}`);
    writeFileSync(file, summary);
  } finally {
    await stage.close();
    forget();
  }
}

main(process.argv[2]).catch((error: Error) => {
  process.stderr.write(`run-summary: ${error.stack}\n`);
  process.exitCode = 1;
});
