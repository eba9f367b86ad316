/** Short messages between the processes that work on one database. Missing where the engine cannot carry them. */
export interface Notifications {
  /** Sends a message, after what was committed before. */
  send(channel: string, message: string): Promise<void>
  /**
   * Receives the messages of all processes, this one included, until the signal ends it. It reconnects by itself.
   *
   * @param onListen called each time that it begins to listen: messages before may have been missed
   */
  listen(channel: string, onMessage: (message: string) => void, onListen: () => void, signal: AbortSignal): void
}
