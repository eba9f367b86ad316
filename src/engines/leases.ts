/** Who does what one process at a time does, and until when. */
export interface Lease {
  /** Who: a text that no other holder has. */
  readonly holder: string
  /** When others may take it, in microseconds since 1970. */
  readonly expiresAt: number
}

/** What only one process at a time may do in a project, and which one does. */
export interface Leases {
  /**
   * Takes a lease where nobody has it, its time has passed, or its holder is the same or `instead`.
   *
   * @param now in microseconds since 1970
   * @param instead a holder that is known to be dead
   * @returns the lease as it stands then: one's own, or the other's
   */
  take(projectId: string, name: string, lease: Lease, now: number, instead?: string): Promise<Lease>
  /** Gives a lease back. */
  release(projectId: string, name: string, holder: string): Promise<void>
}
