import { randomUUID } from 'node:crypto'
import type { Notifications } from '../engines/notifications.ts'
import { type ChangeNotice, type ChangeNotifier, decodeNotice, encodeNotice } from './change-notifier.ts'

const channel = 'tracehold_written'
const idLength = 36

/** Carries notices through the database itself, where its engine has notifications. */
export class DatabaseNotifier implements ChangeNotifier {
  readonly #notifications: Notifications
  /** The sender: a process ignores its own notices. */
  readonly #self = randomUUID()

  constructor(notifications: Notifications) {
    this.#notifications = notifications
  }

  send(notice: ChangeNotice): Promise<void> {
    return this.#notifications.send(channel, `${this.#self}${encodeNotice(notice)}`)
  }

  listen(onNotice: (notice: ChangeNotice | undefined) => void, signal: AbortSignal): void {
    const onMessage = (message: string) => {
      if (!message.startsWith(this.#self)) onNotice(decodeNotice(message.slice(idLength)))
    }
    this.#notifications.listen(channel, onMessage, () => onNotice(undefined), signal)
  }
}
