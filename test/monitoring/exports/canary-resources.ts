/**
 * What Argo Rollouts 1.9 and Flagger 1.44 accept of the resources that are exported, written by hand from their documentation and checked against
 * their custom resource definitions. Anything that is not listed is an error here.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/specification/
 * @see https://docs.flagger.app/usage/how-it-works
 */
const TEXT = { type: 'string', minLength: 1 };
const NAME = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253 };
const COUNT = { type: 'integer', minimum: 0 };
/** As Go reads it. */
const GO_DURATION = { type: 'string', pattern: '^(\\d+(ms|s|m|h))+$' };
/** Flagger's definition has no other units, and no anchor at the end. */
const FLAGGER_DURATION = { type: 'string', pattern: '^[0-9]+(m|s)$' };

interface Properties {
  readonly [name: string]: object;
}

function closed(properties: Properties, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

function list(items: object): object {
  return { type: 'array', items, minItems: 1 };
}

function resource(apiVersion: string, kind: string, spec: object): object {
  return closed({ apiVersion: { const: apiVersion }, kind: { const: kind }, metadata: closed({ name: NAME, namespace: NAME }, ['namespace']), spec });
}

const SECRET = closed({ secretKeyRef: closed({ name: NAME, key: TEXT }) });
const DEPLOYMENT = closed({ apiVersion: { const: 'apps/v1' }, kind: { const: 'Deployment' }, name: NAME });

export const ARGO_RESOURCES = {
  AnalysisTemplate: resource('argoproj.io/v1alpha1', 'AnalysisTemplate', closed({
    args: list(closed({ name: TEXT, value: TEXT, valueFrom: SECRET }, ['value', 'valueFrom'])),
    metrics: list(closed({
      name: TEXT,
      initialDelay: GO_DURATION,
      interval: GO_DURATION,
      successCondition: TEXT,
      failureCondition: TEXT,
      failureLimit: COUNT,
      inconclusiveLimit: COUNT,
      consecutiveErrorLimit: COUNT,
      provider: closed({
        prometheus: closed({ address: TEXT, query: TEXT, timeout: COUNT, headers: list(closed({ key: TEXT, value: TEXT })) }, ['headers']),
      }),
    })),
  }, ['args'])),
  Rollout: resource('argoproj.io/v1alpha1', 'Rollout', closed({
    workloadRef: DEPLOYMENT,
    strategy: closed({
      canary: closed({
        analysis: closed({
          templates: list(closed({ templateName: NAME })),
          startingStep: COUNT,
          args: list(closed({ name: TEXT, valueFrom: closed({ podTemplateHashValue: { enum: ['Stable', 'Latest'] } }) })),
        }, ['args']),
        steps: list({ oneOf: [closed({ setWeight: { type: 'integer', minimum: 0, maximum: 100 } }), closed({ pause: closed({ duration: GO_DURATION }) })] }),
      }),
    }),
  })),
};

export const FLAGGER_RESOURCES = {
  MetricTemplate: resource('flagger.app/v1beta1', 'MetricTemplate', closed({
    provider: closed({ type: { const: 'prometheus' }, address: TEXT, secretRef: closed({ name: NAME }) }, ['secretRef']),
    query: TEXT,
  })),
  Canary: resource('flagger.app/v1beta1', 'Canary', closed({
    targetRef: DEPLOYMENT,
    service: closed({ port: { type: 'integer', minimum: 1, maximum: 65535 } }),
    analysis: closed({
      interval: FLAGGER_DURATION,
      threshold: COUNT,
      stepWeights: list({ type: 'integer', minimum: 1, maximum: 100 }),
      maxWeight: COUNT,
      metrics: list(closed({
        name: TEXT,
        templateRef: closed({ name: NAME }),
        thresholdRange: closed({ max: { type: 'number' } }),
        interval: FLAGGER_DURATION,
      })),
    }),
  })),
};
