import { addressSecret, AlertOptions, ALERT_OPTIONS, Channel } from './channel';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';
import { checkHiddenSecret } from '../validation/variable-names';

/**
 * Options for a webhook.
 */
export interface WebhookAlertOptions extends AlertOptions {
  /**
   * The name of the secret that signs each request according to Standard Webhooks: HMAC-SHA256 over id, time and body, in the header
   * `webhook-signature`. The value is used as it is; after the prefix `whsec_` it is decoded as Base64.
   *
   * @see https://www.standardwebhooks.com
   * @default - requests are not signed
   */
  readonly signingSecret?: string;
}

const WEBHOOK_OPTIONS: OptionNames<WebhookAlertOptions> = { ...ALERT_OPTIONS, signingSecret: true };

export function webhook(secret: string, options: WebhookAlertOptions): Channel {
  const { signingSecret } = optionsOf('Alert.webhook', options, WEBHOOK_OPTIONS, '{ signingSecret: \'WEBHOOK_KEY\' }');
  addressSecret('Alert.webhook secret', secret, 'WEBHOOK_URL');
  if (signingSecret !== undefined) checkSigningSecret('Alert.webhook signingSecret', signingSecret);
  const secrets = [secret, ...(signingSecret === undefined ? [] : [signingSecret])];
  return { name: `webhook (${secret})`, secrets, settings: { kind: 'webhook', address: secret, signingSecret } };
}

/** The value is never shown: it may be the key. */
function checkSigningSecret(option: string, name: string): void {
  if (typeof name === 'string' && /^whsec_|[^\w-]/i.test(name)) {
    invalid(option, 'it looks like the key itself, which everyone who can read the repository would see', 'Store it as a secret of the repository and set the name of the secret: signingSecret: \'WEBHOOK_KEY\'');
  }
  checkHiddenSecret(option, 'it', name);
}
