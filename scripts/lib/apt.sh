# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian packages from suites other than the machine's own, without touching the machine's own
# package lists. The mirror is the one that the machine's apt sources name; each set of suites has
# a folder of lists of its own, so that no two suites mix unasked. Needs common.sh.

# Debian's own suites, which third-party repositories mostly do not use as names.
wv_apt_suites='stable|oldstable|oldoldstable|testing|unstable|bullseye|bookworm|trixie|forky|duke|sid'

# How long fetched lists count as fresh, in minutes.
wv_apt_fresh=1440

# Prints the machine's enabled binary sources, one per suite: URI, suite, components, separated
# by tabs. Reads both formats (sources.list(5)): one-line and deb822.
wv_apt_sources()
{
	local etc=${WYVERN_APT_ETC:-/etc/apt} file

	for file in "$etc/sources.list" "$etc"/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		sed -e 's/#.*//' -e 's/\[[^]]*\]/ /' "$file" | awk '$1 == "deb" && NF >= 4 {
			list = $4
			for (i = 5; i <= NF; i++)
				list = list " " $i
			printf "%s\t%s\t%s\n", $2, $3, list
		}'
	done
	for file in "$etc"/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		awk '
			function flush(  u, s, nu, ns, i, j)
			{
				if ((" " field["types"] " ") ~ / deb / &&
				    tolower(field["enabled"]) !~ /^(no|false|0|off|without|disable)$/) {
					nu = split(field["uris"], u, " ")
					ns = split(field["suites"], s, " ")
					for (i = 1; i <= nu; i++)
						for (j = 1; j <= ns; j++)
							printf "%s\t%s\t%s\n", u[i], s[j], field["components"]
				}
				split("", field)
				name = ""
			}
			/^#/ { next }
			/^[ \t]*$/ { flush(); next }
			/^[ \t]/ { if (name != "") field[name] = field[name] " " $0; next }
			{
				at = index($0, ":")
				name = tolower(substr($0, 1, at - 1))
				value = substr($0, at + 1)
				gsub(/^[ \t]+|[ \t]+$/, "", value)
				field[name] = value
			}
			END { flush() }' "$file"
	done
}

# Prints the URIs that may be Debian's archive, the likeliest first. Whether one really is, the
# archive's signature says when its lists are fetched.
wv_apt_mirrors()
{
	wv_apt_sources | awk -F '\t' -v suites="^($wv_apt_suites)\$" '
		$1 !~ /^cdrom:/ && $2 ~ suites && (" " $3 " ") ~ / main / && !seen[$1]++ {
			print ($1 ~ /\/debian\/?$|^mirror\+file:/ ? 0 : 1) "\t" $1
		}' | sort -s -n -k 1,1 | cut -f 2
}

wv_apt_keyring()
{
	local file

	for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		[ ! -r "$file" ] || { printf '%s\n' "$file"; return 0; }
	done
	wv_note "no Debian archive keyring here (package debian-archive-keyring)"
	return 1
}

# wv_apt_options DIR: fills the array wv_apt with the options that make apt use the lists in DIR
# and nothing of the machine's own configuration of suites, pins and default release.
wv_apt_options()
{
	local dir=$1 up

	wv_apt=(
		-o "Dir::State::Lists=$dir/lists"
		-o "Dir::Etc::SourceList=$dir/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::Preferences=/dev/null
		-o Dir::Etc::PreferencesParts=/dev/null
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o APT::Default-Release=
		-o Acquire::Languages=none -o Acquire::GzipIndexes=true -o Acquire::PDiffs=false
		-o Acquire::Retries=3
		-o APT::Update::Post-Invoke-Success= -o APT::Update::Post-Invoke=
		-q
	)
	# As root apt downloads as the user _apt, who may not be able to reach the cache.
	[ "$(id -u)" = 0 ] || return 0
	for ((up = 0; up < 64; up++)); do
		case $(stat -L -c %A "$dir") in
		*[xt]) ;;
		*) wv_apt+=(-o APT::Sandbox::User=root); return 0 ;;
		esac
		[ "$dir" != / ] || return 0
		dir=$(dirname "$dir")
	done
}

# wv_apt_update DIR LINE...: fetches the lists of these sources.list lines into DIR, unless the
# same were fetched less than a day ago. Fails when any of them cannot be had or is not signed by
# the archive's keys.
wv_apt_update()
{
	local dir=$1 wanted
	shift

	wanted=$(printf '%s\n' "$@")
	mkdir -p "$dir/lists/partial"
	wv_apt_options "$dir"
	if [ "$(cat "$dir/sources.list" 2>/dev/null)" = "$wanted" ] &&
	   [ -n "$(find "$dir/done" -mmin "-$wv_apt_fresh" 2>/dev/null)" ]; then
		return 0
	fi
	rm -f "$dir/done"
	printf '%s\n' "$wanted" >"$dir/sources.list"
	apt-get "${wv_apt[@]}" -o APT::Update::Error-Mode=any update >"$dir/log" 2>&1 || return 1
	touch "$dir/done"
}

# wv_apt_suite SUITE: makes wv_apt and wv_apt_dir stand for this one suite of Debian, lists
# fetched. Nothing of it may be installed on this machine: for what is only unpacked a mirror that
# has not been updated for a while, or a snapshot of one, is good enough, and its signature is
# checked all the same.
wv_apt_suite()
{
	local suite=$1 keyring mirror line

	keyring=$(wv_apt_keyring) || return 1
	wv_apt_dir=$wv_cache/apt/$suite
	while read -r mirror; do
		line="[arch=amd64 signed-by=$keyring] $mirror $suite main"
		if ! wv_apt_update "$wv_apt_dir" "deb $line"; then
			grep -q 'Release file .* is expired' "$wv_apt_dir/log" || continue
			wv_note "$suite on this machine's mirror is out of date; taking it as it is"
			wv_apt_update "$wv_apt_dir" "deb ${line/]/ check-valid-until=no]}" || continue
		fi
		wv_apt+=(-o APT::Architecture=amd64 -o APT::Architectures::=amd64)
		return 0
	done < <(wv_apt_mirrors)
	wv_note "the suite $suite cannot be had from this machine's Debian mirror"
	[ ! -s "$wv_apt_dir/log" ] || grep -E '^(E|W|Err)' "$wv_apt_dir/log" | head -n 3 >&2
	return 1
}

# wv_apt_depends PACKAGE PATTERN: prints the first direct dependency whose name matches the
# extended regular expression.
wv_apt_depends()
{
	apt-cache "${wv_apt[@]}" show --no-all-versions "$1" 2>/dev/null |
		sed -n 's/^Depends: *//p' | tr ',|' '\n\n' | awk '{ print $1 }' |
		grep -E -m 1 -- "$2"
}

wv_apt_version()
{
	apt-cache "${wv_apt[@]}" show --no-all-versions "$1" 2>/dev/null |
		sed -n 's/^Version: *//p' | head -n 1
}

# wv_apt_download DIR PACKAGE...: leaves the packages' .deb files in DIR.
wv_apt_download()
{
	local dir=$1
	shift

	(cd "$dir" && apt-get "${wv_apt[@]}" download "$@" >"$wv_apt_dir/log" 2>&1) || {
		wv_note "downloading $* failed:"
		tail -n 5 "$wv_apt_dir/log" >&2
		return 1
	}
}

# wv_apt_closure DIR PACKAGE...: unpacks the packages and all that they depend on into DIR/root, as
# apt resolves it for a machine on which nothing is installed.
wv_apt_closure()
{
	local dir=$1 deb
	shift

	mkdir -p "$dir/archives/partial" "$dir/root" && : >"$dir/status" || return 1
	apt-get "${wv_apt[@]}" -o Dir::State::status="$dir/status" \
		-o Dir::Cache::archives="$dir/archives" -o Debug::NoLocking=true \
		-y --no-install-recommends --download-only install "$@" >"$wv_apt_dir/log" 2>&1 || {
		wv_note "apt could not resolve or download $*:"
		tail -n 8 "$wv_apt_dir/log" >&2
		return 1
	}
	for deb in "$dir"/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir/root" --no-same-owner \
			--keep-directory-symlink --exclude './usr/share/doc' \
			--exclude './usr/share/locale' --exclude './usr/share/man' || return 1
	done
	rm -rf "$dir/archives" "$dir/status"
}
