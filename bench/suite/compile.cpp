// SPDX-License-Identifier: MIT
// What the compile workload compiles: little of its own, many of the library's headers and templates.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

std::map<std::string, std::vector<std::size_t>> words(const std::string &text)
{
	std::map<std::string, std::vector<std::size_t>> found;
	const std::regex word("[a-z]+");

	for (auto it = std::sregex_iterator(text.begin(), text.end(), word); it != std::sregex_iterator(); ++it)
		found[it->str()].push_back(it->position());
	return found;
}

std::string sorted(const std::unordered_map<std::string, std::shared_ptr<std::function<int(int)>>> &functions)
{
	std::vector<std::string> names;
	std::ostringstream out;

	for (const auto &[name, function] : functions)
		names.push_back(name + std::to_string((*function)(1)));
	std::sort(names.begin(), names.end());
	for (const auto &name : names)
		out << name << '\n';
	return out.str();
}
