import { AwsMeasurement } from './measurement';
import { ENVIRONMENT, required } from '../place';

/** The subject of the job's token, which the role's trust policy compares. */
export const subject: AwsMeasurement = {
  ids: ['aws-subject-names-environment'],
  measure: async ({ env }) => {
    const response = await fetch(`${required(env, 'ACTIONS_ID_TOKEN_REQUEST_URL')}&audience=sts.amazonaws.com`, {
      headers: { authorization: `bearer ${required(env, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN')}` },
    });
    if (!response.ok) throw new Error(`the token: HTTP ${response.status}`);
    const { value } = await response.json() as { value: string };
    const { sub } = JSON.parse(Buffer.from(value.split('.')[1], 'base64url').toString()) as { sub: string };
    return { 'aws-subject-names-environment': { measured: sub, holds: sub === `repo:${required(env, 'GITHUB_REPOSITORY')}:environment:${ENVIRONMENT}` } };
  },
};
