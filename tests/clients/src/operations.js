// What every client asks, by name. Relay has its own copies: its compiler reads them in its source.

export const KANJI = `query Kanji($character: String!) { kanji(character: $character) { id character meanings } }`;

export const WORDS = `
  query Words($first: Int!, $after: String) {
    vocabulary(first: $first, after: $after, filter: { jlptLevels: [N5] }) {
      edges { cursor node { id word } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;

export const MINE = `
  query Mine {
    viewer {
      id
      dashboard { id dueNow reviewsToday currentlyReading { id currentPage } }
      settings { id newCardsPerDay }
    }
  }`;

export const CREATE_CARDS = `
  mutation CreateCards($input: CreateCardsInput!) {
    createCards(input: $input) { cards { id } viewer { id dashboard { id dueNow } } errors { code message path } }
  }`;

export const REVIEW_CARDS = `
  mutation ReviewCards($input: ReviewCardsInput!) {
    reviewCards(input: $input) {
      results { idempotencyKey card { id state } review { id } error { code message path } }
      viewer { id dashboard { id dueNow reviewsToday } }
      errors { code message path }
    }
  }`;

export const UNDO_REVIEWS = `
  mutation UndoReviews($input: UndoReviewsInput!) {
    undoReviews(input: $input) {
      cards { id state } viewer { id dashboard { id dueNow reviewsToday } } errors { code message path }
    }
  }`;

export const SUSPEND_CARDS = `
  mutation SuspendCards($input: SetCardsSuspendedInput!) {
    setCardsSuspended(input: $input) {
      cards { id suspended } viewer { id dashboard { id dueNow } } errors { code message path }
    }
  }`;

export const UPDATE_SETTINGS = `
  mutation UpdateSettings($input: UpdateStudySettingsInput!) {
    updateStudySettings(input: $input) { settings { id newCardsPerDay } errors { code message path } }
  }`;

export const READ_BOOK = `
  mutation ReadBook($input: UpdateReadingProgressInput!) {
    updateReadingProgress(input: $input) {
      viewer { id dashboard { id currentlyReading { id currentPage } } } errors { code message path }
    }
  }`;

export const GENERATE = `
  mutation Generate($input: GenerateTextbookInput!) {
    generateTextbook(input: $input) { job { id status } errors { code message path } }
  }`;

export const CANCEL = `
  mutation Cancel($input: CancelJobInput!) {
    cancelJob(input: $input) { job { id status } errors { code message path } }
  }`;

export const DASHBOARD_UPDATED = `
  subscription DashboardUpdated { dashboardUpdated { id dueNow reviewsToday } }`;

export const JOB_STATUS = `
  subscription JobStatus($id: ID!) { jobStatus(id: $id) { id status } }`;

export const TOO_MANY = `
  query TooMany($first: Int!) { kanji(character: "食") { id character } vocabulary(first: $first) { nodes { id } } }`;

export const BOOK = `query Book($id: ID!) { book(id: $id) { id title version } }`;

export const UPDATE_BOOK = `
  mutation UpdateBook($input: UpdateBookInput!) {
    updateBook(input: $input) { book { id title version } errors { code message path } }
  }`;

export const INVALID = `query Invalid { nothing }`;
