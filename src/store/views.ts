/**
 * The stores of one pool, by project. One that nobody holds any more is forgotten, unless its writers hold rows: those
 * hold the store. A service may see any number of tenants.
 */
export class Views<View extends object> {
  /** Set once one of them closes, which closes all. */
  closing: Promise<void> | undefined
  /** Called when they close. */
  onClose: (() => void) | undefined
  readonly #byProject = new Map<string, WeakRef<View>>()
  readonly #gone = new FinalizationRegistry<string>((project) => {
    if (this.#byProject.get(project)?.deref() === undefined) this.#byProject.delete(project)
  })

  get(project: string): View | undefined {
    return this.#byProject.get(project)?.deref()
  }

  add(project: string, view: View): void {
    this.#byProject.set(project, new WeakRef(view))
    this.#gone.register(view, project)
  }

  all(): View[] {
    return [...this.#byProject.values()].map((view) => view.deref()).filter((view) => view !== undefined)
  }
}
