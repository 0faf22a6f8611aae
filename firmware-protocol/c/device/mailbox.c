#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/** One byte for each signal that came: a pipe of their own, which never blocks the handler. */
static int signals[2];

static void on_signal(int number) {
  int before = errno;
  unsigned char kind = number == SIGUSR1 ? MAIL_SHORT_PRESS : number == SIGUSR2 ? MAIL_LONG_PRESS : MAIL_LEAVE;
  // Where the pipe is full, there are signals enough in it.
  if (write(signals[1], &kind, 1) < 0) errno = before;
}

int mailbox_open(struct mailbox *mailbox) {
  if (pipe(mailbox->letters) != 0 || pipe(signals) != 0) return errno;
  if (fcntl(signals[1], F_SETFL, O_NONBLOCK) != 0) return errno;
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  const int numbers[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (sigaction(numbers[i], &action, NULL) != 0) return errno;
  }
  signal(SIGPIPE, SIG_IGN);
  return 0;
}

void mailbox_put(struct mailbox *mailbox, struct mail mail) {
  // Shorter than PIPE_BUF, so that it is written as a whole or not at all.
  while (write(mailbox->letters[1], &mail, sizeof mail) < 0 && errno == EINTR) continue;
}

struct mail mailbox_take(struct mailbox *mailbox, int64_t ms) {
  struct mail mail = {.kind = MAIL_NONE};
  struct pollfd sources[] = {{.fd = signals[0], .events = POLLIN}, {.fd = mailbox->letters[0], .events = POLLIN}};
  int timeout = ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
  if (poll(sources, 2, timeout) <= 0) return mail;
  unsigned char kind;
  if (sources[0].revents != 0 && read(signals[0], &kind, 1) == 1) {
    mail.kind = (enum mail_kind)kind;
  } else if (sources[1].revents != 0 && read(mailbox->letters[0], &mail, sizeof mail) != sizeof mail) {
    mail.kind = MAIL_NONE;
  }
  return mail;
}
