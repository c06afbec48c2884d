#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A little of everything that procmon shows, at a pace that people can follow.

# say TEXT: on the console for the viewer, and as a fact for the record.
say()
{
	echo "guest: $1"
	printf '{"kind":"step","pid":%d,"what":"%s"}\n' $$ "$1" >/dev/truth
	usleep 150000
}

# ended CODE STATUS: says so if a program did not end as it had to.
ended()
{
	[ "$1" = "$2" ] || printf '{"kind":"broken","pid":%d,"what":"code %d, not %d"}\n' \
		$$ "$2" "$1" >/dev/truth
}

say "a pipe: three programs at once"
ls /bin | sort -r | head -n 3 >/dev/null

say "a background job, ended by SIGTERM"
sleep 60 &
job=$!
usleep 50000
kill $job
wait $job
ended 143 $?

say "a script, run by its interpreter"
cat >/tmp/script <<'END'
#!/bin/sh
cd /tmp
exec echo "from the script: $*" >/dev/null
END
chmod +x /tmp/script
/tmp/script one "two words"
ended 0 $?

say "an ordinary user runs a program that is setuid root"
helper as-user /bin/helper-setuid secure
ended 41 $?

say "a library is preloaded"
LD_PRELOAD=/tmp/not-there.so /bin/true
ended 0 $?

say "a crash"
helper crash
ended 139 $?

say "a real-time signal"
sleep 60 &
job=$!
usleep 50000
kill -42 $job
wait $job
ended 170 $?

say "a thread comes and goes"
helper threads
ended 0 $?

say "done"
exit 0
