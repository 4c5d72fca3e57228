/** What the whole app shares: who is here, which project, where one is, what happens on the server. */
import { ApiError, call, said, type Schemas } from "./api";
import { Outbox, type State } from "./outbox";
import { Memory } from "./sitting";

export type Screen =
  "label" | "audit" | "rules" | "sources" | "board" | "browse" | "classes" | "people" | "invite";

class Desk {
  session = $state<Schemas["Session"] | null>(null);
  project = $state<Schemas["Overview"] | null>(null);
  trouble = $state("");
  round = $state<Schemas["RoundState"] | null>(null);
  /** Grows whenever the server says that something of this kind has changed. */
  news = $state({ round: 0, labels: 0, rules: 0, project: 0, queue: 0, head: 0 });
  hash = $state(location.hash);
  box = $state<State>({ waiting: 0, trouble: "", signIn: false, refused: [], told: [] });
  online = $state(navigator.onLine);
  outbox: Outbox | null = null;
  /** What this person answered since the app was opened: of questions, and of an audit's. */
  sittings = { label: new Memory(), audit: new Memory() };
  private events: EventSource | null = null;
  private owner = "";

  constructor() {
    addEventListener("hashchange", () => (this.hash = location.hash));
    addEventListener("online", () => {
      this.online = true;
      void this.outbox?.flush();
    });
    addEventListener("offline", () => (this.online = false));
    addEventListener("beforeunload", (event) => {
      // What waits is safe on this device, but the person should know that it was not sent.
      if (this.box.waiting > 0) event.preventDefault();
    });
  }

  /** The screen and what follows it in the address, such as `["browse", "17"]`. */
  get path(): string[] {
    const parts = this.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    return parts[0] ? parts : ["label"];
  }

  get screen(): Screen {
    return this.path[0] as Screen;
  }

  get signedIn(): boolean {
    return this.session?.person != null;
  }

  /** Whether this person may do something, in the server's words. */
  may(what: string): boolean {
    return this.project?.may.includes(what) ?? false;
  }

  async begin(): Promise<void> {
    try {
      await this.welcome(await call<Schemas["Session"]>("/session"));
    } catch (error) {
      this.trouble = said(error);
      setTimeout(() => void this.begin(), 2000);
    }
  }

  /** Somebody is here, or nobody is any more. */
  async welcome(session: Schemas["Session"]): Promise<void> {
    this.session = session;
    this.trouble = "";
    if (session.person === null || session.person === undefined) {
      this.events?.close();
      this.events = null;
      return;
    }
    // Before any screen is there: what is answered on it belongs to this person.
    this.openOutbox(`${location.host}:${session.project}:${session.person.id}`);
    await this.refresh();
    this.listen();
  }

  async refresh(): Promise<void> {
    this.project = await call<Schemas["Overview"]>("/project");
    document.title = `${this.project.name} · Labelwright`;
  }

  async signOut(): Promise<void> {
    const session = await call<Schemas["Session"]>("/session", undefined, { method: "DELETE" });
    this.project = null;
    await this.welcome(session);
  }

  /** An error of a screen: a lost session leads to the sign-in, anything else is to be shown. */
  heard(error: unknown): string {
    if (error instanceof ApiError && error.status === 401 && this.session !== null) {
      this.session = { ...this.session, sign_in_needed: true, person: null };
      return "";
    }
    return said(error);
  }

  private openOutbox(owner: string): void {
    if (this.outbox === null || this.owner !== owner) {
      this.owner = owner;
      this.sittings = { label: new Memory(), audit: new Memory() };
      this.outbox = new Outbox(
        owner,
        async (votes) => (await call<Schemas["VotesTaken"]>("/votes", { votes })).results,
        (state) => {
          this.box = { ...state };
        },
      );
    }
    void this.outbox.flush();
  }

  private listen(): void {
    this.events?.close();
    const events = new EventSource("/api/v1/events");
    for (const kind of ["round", "labels", "rules", "project", "queue", "head"] as const) {
      events.addEventListener(kind, (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as Schemas["Event"];
        if (event.round) this.round = event.round;
        this.news = { ...this.news, [kind]: this.news[kind] + 1 };
        if (kind === "project") void this.refresh().catch((error) => this.heard(error));
      });
    }
    // The server is back: send what waited.
    events.onopen = () => void this.outbox?.flush();
    this.events = events;
  }
}

export const desk = new Desk();

/** The address of a screen. */
export const to = (...path: (string | number)[]): string =>
  `#/${path.map((part) => encodeURIComponent(part)).join("/")}`;
