import { setImmediate } from 'node:timers/promises';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { toErrorText } from '../log/host-log.js';
import { dataTypeOf } from './function-definition.js';
import type { ListenerContext } from './listener.js';
import { toEntity, toPath } from './service-bus-clients.js';
import { toBatchPayload, toSinglePayload, traceParentOf } from './service-bus-payload.js';

type Outcome = 'complete' | 'abandon';

/** Runs messages through their function and settles them. One per listener. */
export class ServiceBusDispatcher {
  readonly #context: ListenerContext;
  #turn: Promise<void> = Promise.resolve();

  constructor(context: ListenerContext) {
    this.#context = context;
  }

  /** Run a whole batch: a return completes every message, a throw abandons every one of them at once. */
  async batch(receiver: ServiceBusReceiver, messages: readonly ServiceBusReceivedMessage[]): Promise<void> {
    const { definition, invoker, keepEmpty } = this.#context;
    const payload = toBatchPayload(messages, { dataType: dataTypeOf(definition), keepEmpty });
    const outcome = await invoker.invoke({
      target: definition.target,
      trigger: { name: definition.triggerName, data: payload.data },
      triggerMetadata: payload.metadata,
      reason: this.#reason(`${messages.length} messages`),
    });
    await this.#settle(receiver, messages, outcome.kind === 'succeeded' ? 'complete' : 'abandon');
  }

  /** Run one message: a return completes it, a throw abandons it. */
  async single(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
    const { definition, invoker } = this.#context;
    const payload = toSinglePayload(message, dataTypeOf(definition));
    const outcome = await invoker.invoke({
      target: definition.target,
      trigger: { name: definition.triggerName, data: payload.data },
      triggerMetadata: payload.metadata,
      traceParent: traceParentOf(message),
      reason: this.#reason('one message'),
    });
    await this.#settle(receiver, [message], outcome.kind === 'succeeded' ? 'complete' : 'abandon');
  }

  async #settle(
    receiver: ServiceBusReceiver,
    messages: readonly ServiceBusReceivedMessage[],
    outcome: Outcome,
  ): Promise<void> {
    if (outcome === 'complete' && !this.#autoCompletes()) return;
    await this.#takeTurn();
    const settled = await Promise.allSettled(
      messages.map((one) => (outcome === 'complete' ? receiver.completeMessage(one) : receiver.abandonMessage(one))),
    );
    const failed = settled.filter((result) => result.status === 'rejected');
    const [first] = failed;
    if (!first) return;
    const what = `${failed.length} of ${messages.length} messages failed to ${outcome} and will come again`;
    const message = `${what}: ${toErrorText(first.reason)}`;
    this.#context.log({ level: 'error', category: `Function.${this.#context.definition.name}`, message });
  }

  /**
   * The AMQP library merges neighbouring dispositions of one event-loop turn into one range and lets the first one's
   * outcome stand for both: a completion next to an abandonment would be lost. So every settlement gets a turn.
   */
  #takeTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => setImmediate());
    return this.#turn;
  }

  /** Its own trigger's word, else host.json's. */
  #autoCompletes(): boolean {
    const own = this.#context.definition.trigger['autoCompleteMessages'];
    return typeof own === 'boolean' ? own : this.#context.host.extensions.serviceBus.autoCompleteMessages;
  }

  #reason(what: string): string {
    return `new message on ${toPath(toEntity(this.#context.definition))}: ${what}`;
  }
}
