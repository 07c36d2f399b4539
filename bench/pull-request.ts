/**
 * `ts-node -T bench/pull-request.ts <file>`: writes the comment on a pull request, as Markdown. examples/shop is deployed to staging and production by its
 * own workflow. A pull request then changes a health check, and plan.yml writes the comment.
 */
import { writeFileSync } from 'node:fs';
import { abandonAtExit, logOf, ShopStage } from './shop-stage';

const CHECK = 'HealthCheck.http(`${production.url}/health`, { ';

async function main(file: string): Promise<void> {
  const stage = await ShopStage.openChanged('.projenrc.ts', (definition) => changed(
    changed(definition, 'new Delivery(project, {\n', 'new Delivery(project, {\n  pullRequests: { plan: true },\n'), CHECK, `${CHECK}name: 'health', `,
  ));
  const forget = abandonAtExit(stage);
  try {
    const release = await stage.shop.commitRelease('good', { tag: 'v1.4.0' });
    for (const ref of ['refs/heads/main', 'refs/tags/v1.4.0']) {
      const run = await stage.run(release, ref);
      if (run.conclusion !== 'success') throw new Error(`${ref} was not deployed:\n${logOf(run)}`);
    }
    writeFileSync(file, await stage.commentOn('slower-checks', (definition) => changed(definition, `${CHECK}name: 'health', `, `${CHECK}name: 'health', failureThreshold: 5, `)));
  } finally {
    await stage.close();
    forget();
  }
}

function changed(definition: string, what: string, by: string): string {
  if (!definition.includes(what)) throw new Error(`the definition of the shop has no "${what}" to change`);
  return definition.replace(what, by);
}

main(process.argv[2]!).catch((error: Error) => {
  process.stderr.write(`pull-request: ${error.stack}\n`);
  process.exitCode = 1;
});
