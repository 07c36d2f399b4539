import { Duration, HealthCheck, PreviewCondition, PreviewOptions, ReleaseIdentity, Target } from '../../../src';
import { Manifest } from '../../../src/contract/manifest';
import { Kind } from '../../../tools/model-checker/previews/scenarios';
import { deliver, plainProject, synthesize } from '../../test-project';

/** The manifests of deliveries with previews. */
export function previewManifests(): Record<Kind, Manifest> {
  const check = (url: string) => ({ url, healthChecks: [HealthCheck.http(`${url}/health`, { name: 'health', release: ReleaseIdentity.json('version') })] });
  const own = check('https://example.com/preview-{number}');
  return {
    own: manifestOf(own),
    expiring: manifestOf({ ...own, expiresAfter: Duration.days(7) }),
    shared: manifestOf({ ...check('https://example.com/preview-shared'), persistent: true, onlyWhen: PreviewCondition.label('qa') }),
  };
}

function manifestOf(previews: PreviewOptions): Manifest {
  const project = plainProject();
  deliver(project, { target: Target.commands({ deploy: 'true', ...(!previews.persistent && { remove: 'true' }) }), previews });
  return synthesize(project).manifest;
}
