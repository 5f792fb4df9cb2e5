import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createServiceBusConsumerChannels,
  toChannelName,
} from '../../shared/adapters/service-bus/consumer-channels.js';
import { type BrokerUnderTest, startBrokerUnderTest } from '../support/broker.js';

const topic = 'triggers';
const consumer = 'dp.finance.revenue';
const name = toChannelName(consumer);

let under: BrokerUnderTest;
beforeAll(async () => {
  under = await startBrokerUnderTest({ topics: [{ name: topic, duplicateWindowMs: 600_000 }] });
});
afterAll(() => under.stop());

const channels = () => createServiceBusConsumerChannels(under.admin, topic);
async function rules(): Promise<{ name: string; filter: unknown }[]> {
  const all: { name: string; filter: unknown }[] = [];
  for await (const { name: rule, filter } of under.admin.listRules(topic, name)) all.push({ name: rule, filter });
  return all;
}
const own = { filter: expect.objectContaining({ subject: consumer }) as unknown };

describe("a consumer's channel", () => {
  beforeEach(() => channels().remove(consumer));

  it('is a subscription that lets in its own triggers only, with room to fail', async () => {
    expect(await channels().ensure(consumer)).toBe('created');

    expect(await rules()).toMatchObject([own]);
    expect(await under.admin.getSubscription(topic, name)).toMatchObject({
      lockDuration: 'PT1M',
      maxDeliveryCount: 10,
      defaultMessageTimeToLive: 'P14D',
      deadLetteringOnMessageExpiration: true,
      userMetadata: consumer,
    });
    expect(await channels().list()).toEqual([consumer]);
  });

  it('is left alone when it is as it should be', async () => {
    await channels().ensure(consumer);

    expect(await channels().ensure(consumer)).toBe('unchanged');
  });

  it('is left alone also when its one rule has another name, as an emulator file gives it', async () => {
    const defaultRuleOptions = { name: 'consumer', filter: { subject: consumer } };
    await under.admin.createSubscription(topic, name, { defaultRuleOptions });

    expect(await channels().ensure(consumer)).toBe('unchanged');
    expect(await rules()).toMatchObject([{ name: 'consumer' }]);
  });

  it.each([
    ['lets everything in', { sqlExpression: '1=1' }],
    ["lets in another consumer's triggers", { subject: 'dp.sales.returns' }],
  ])('is mended when a second rule %s', async (_how, filter) => {
    await channels().ensure(consumer);
    await under.admin.createRule(topic, name, 'by-hand', filter);

    expect(await channels().ensure(consumer)).toBe('created');
    expect(await rules()).toMatchObject([own]);
    expect(await channels().ensure(consumer)).toBe('unchanged');
  });

  it('is mended when its own rule was changed or removed', async () => {
    await under.admin.createSubscription(topic, name, { userMetadata: consumer });
    await channels().ensure(consumer);
    expect(await rules()).toMatchObject([own]);

    const [rule] = await rules();
    await under.admin.deleteRule(topic, name, rule?.name ?? '');
    await channels().ensure(consumer);
    expect(await rules()).toMatchObject([own]);
  });
});
